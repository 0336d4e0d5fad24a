"""Chapter of classes: one that was held, one to come, outside training that waits and that was confirmed, a rule that is over."""

from datetime import date, timedelta

from accounts import papers
from accounts.models import Post, Unit, User
from config.demo import files
from courses.actions import classes, hour_rules, outside
from courses.models import ClassMeeting, HourRule, OutsideTraining

EVIDENCE = b"""%PDF-1.4
1 0 obj
<< /Type /Catalog /Pages 2 0 R >>
endobj
2 0 obj
<< /Type /Pages /Kids [3 0 R] /Count 1 >>
endobj
3 0 obj
<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 300] /Contents 4 0 R /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>
endobj
4 0 obj
<< /Length 60 >>
stream
BT /F1 18 Tf 60 160 Td (Demo: certificate of attendance) Tj ET
endstream
endobj
trailer
<< /Root 1 0 R >>
%%EOF
"""


def load(today):
    """Hold a class, plan another, enter what was learned elsewhere."""
    for row in files.rows("classes.csv", today):
        _meeting(row)
    for row in files.rows("outside.csv", today):
        _outside(row)
    _rule(today)


def _meeting(row):
    by = User.objects.get(username=row["by"])
    begins = files.moment(f"{row['day']} {row['from']}")
    meeting = classes.plan(
        ClassMeeting(
            unit=Unit.objects.get(code=row["unit"]),
            kind=row["kind"],
            title=row["title"],
            teacher=row["teacher"],
            place=row["place"],
            address=row["address"],
            begins_at=begins,
            ends_at=files.moment(f"{row['day']} {row['to']}"),
            capacity=int(row["capacity"]),
            minutes=int(row["minutes"]),
        ),
        by=by,
    )
    if not row["came"]:
        return
    classes.begin(meeting, by=by, now=begins - timedelta(minutes=20))
    for n, told in enumerate(row["came"].split()):
        name, arrived, left = told.split(":")
        person = User.objects.get(name=name, posts__ended_on=None)
        _signs(meeting, person, by, begins, int(arrived), int(left), is_entered=n == 2)
    classes.end(meeting, by=by, now=meeting.ends_at + timedelta(minutes=5))


def _signs(meeting, person, by, begins, arrived, left, *, is_entered):
    for direction, minute in (("in", arrived), ("out", left)):
        at = begins + timedelta(minutes=minute)
        if is_entered:
            classes.enter(meeting, person, direction=direction, why="没有带手机", by=by, at=at, now=at)
        else:
            classes.sign(meeting, person, direction=direction, now=at)


def _outside(row):
    post = Post.objects.get(person__name=row["person"], ended_on=None)
    training = OutsideTraining(
        person=post.person,
        post=post,
        organiser=row["organiser"],
        title=row["title"],
        begins_on=files.day(row["begins"]),
        ends_on=files.day(row["ends"]),
        minutes=int(row["minutes"]),
    )
    outside.submit(training, papers.prepare(EVIDENCE, "培训证明（演示）.pdf"), by=post.person)
    if row["confirmed_by"]:
        outside.confirm(training, by=User.objects.get(username=row["confirmed_by"]))


def _rule(today):
    """An example of how a rule looks, ended in the middle of its year, so that nobody ever owed an hour by it."""
    year, by = today.year - 2, User.objects.get(username="admin")
    rule = hour_rules.add(
        HourRule(
            name="演示规则（已终止）",
            unit=Unit.objects.get(code="TJ"),
            hours=12,
            carry_hours=4,
            sources=list(HourRule.Source.values),
            basis="演示用，不是真实的规定",
            starts_on=date(year, 1, 1),
        ),
        by=by,
    )
    hour_rules.end(rule, ends_on=date(year, 7, 1), why="演示：规则只能终止，不能修改", by=by)
