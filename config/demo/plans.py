"""Chapter of plans: the standard paths of posts, and an enterprise's training plans; lines whose course is not in the demo are left out."""

import csv
from datetime import timedelta

from django.utils import timezone

from accounts.models import Enterprise, User
from config.demo import files
from courses.actions import closing_days, pathing, planning
from courses.models import Course
from exams.models import ExamSession

COUNTS_FROM = 20  # days ago; from there on the paths' days count for those who were in post already


def load(today):
    """Enter the paths and write the plans; those with a day come into force on it."""
    with (files.FIXTURES / "paths" / "paths.csv").open(encoding="utf-8", newline="") as rows:
        pathing.load(list(csv.DictReader(rows)), starts_on=today - timedelta(days=COUNTS_FROM))
    courses = {one.code: one for one in Course.objects.filter(state=Course.State.PUBLISHED)}
    sessions = {one.code: one for one in ExamSession.objects.all()}
    made = {}
    for row in files.rows("plans.csv", today):
        by = User.objects.get(username=row["by"])
        begins = files.moment(f"{row['in_force']} 09:00") if row["in_force"] else None
        key = row["plan"]
        if key not in made:
            plan = planning.draft(
                Enterprise.objects.get(uscc=row["uscc"]),
                by=by,
                year=today.year + int(row["year"]),
                title=row["plan"],
                aim=row["aim"],
            )
            made[key] = plan, by, begins
        course, session = courses.get(row["course"]), sessions.get(row["session"])
        if course is not None:
            planning.add_entry(
                made[key][0],
                by=by,
                course=course,
                session=session,
                post_kinds=row["kinds"].split(),
                due_on=files.day(row["due"]),
                now=begins,
            )
    for plan, by, begins in made.values():
        if begins:
            planning.put_in_force(plan, by=by, now=begins)
    closing_days.close_days(now=timezone.now())
