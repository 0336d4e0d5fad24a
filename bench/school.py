"""A house full of learners, made by the database itself. `python -m bench.school`; reads {"people": n} and prints who signs in how.

A district with a quarter of its people in one enterprise and the others by tens below its stations; three courses of ten lessons, in
which everybody is enrolled, with a credit of each lesson spread over the last year.
"""

import json
import sys
import time
from datetime import timedelta

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Enterprise, Post, Role, RoleGrant, Unit, User  # noqa: E402
from bench.seed import logins  # noqa: E402
from catalog.models import Region  # noqa: E402
from courses.actions import assigning, closing_days, pathing, writing  # noqa: E402
from courses.models import Assignment, Course, Enrolment, Lesson  # noqa: E402

COURSES, LESSONS, DAYS, STATIONS, TENS = 3, 10, 350, 8, 10

VISITS = "INSERT INTO courses_visit (enrolment_id, revision_id, at) SELECT e.id, l.revision_id, {day} FROM courses_enrolment e JOIN courses_editionlesson l ON l.edition_id = e.edition_id"
CHECKS = """INSERT INTO courses_presencecheck (enrolment_id, number, visit_id, gap, apart, at, until)
SELECT e.id, l.position, v.id, 120, 40, v.at, v.at FROM courses_visit v JOIN courses_enrolment e ON e.id = v.enrolment_id
JOIN courses_editionlesson l ON l.edition_id = e.edition_id AND l.revision_id = v.revision_id"""
ANSWERS = "INSERT INTO courses_presenceanswer (check_of_id, at) SELECT id, at FROM courses_presencecheck"
CREDITS = """INSERT INTO courses_credit (answer_id, enrolment_id, revision_id, seconds)
SELECT a.id, c.enrolment_id, v.revision_id, 60 + (c.id % 7) * 60 FROM courses_presenceanswer a
JOIN courses_presencecheck c ON c.id = a.check_of_id JOIN courses_visit v ON v.id = c.visit_id"""


def units():
    """A district with its stations below the city."""
    call_command("load_catalog", settings.BASE_DIR / "fixtures/catalog", verbosity=0)
    region = Region.objects.get(code="120000")
    city = Unit.objects.create(kind="organ", level="city", code="TJ", name="市局", region=region)
    district = Unit.objects.create(
        kind="organ", level="district", code="TJ-XQ", name="区局", parent=city, region=region
    )
    stations = [
        Unit.objects.create(
            kind="organ",
            level="station",
            code=f"TJ-XQ-{n:02}",
            name=f"第{n}所",
            parent=district,
            region=region,
        )
        for n in range(STATIONS)
    ]
    return city, district, stations


def firms(stations, people):
    """One enterprise for a quarter of the people, the others for ten each: [(enterprise, how many)]."""
    large, small = people // 4, (people - people // 4) // TENS
    rows = Unit.objects.bulk_create(
        [
            Unit(
                kind="enterprise", code=f"BENCH{n:013}", name=f"压测企业{n}", parent=(above := stations[n % STATIONS]),
                path=f"{above.path}BENCH{n:013}/", region_id=above.region_id,
            )
            for n in range(small + 1)
        ],
        batch_size=2000,
    )  # fmt: skip
    made = Enterprise.objects.bulk_create(
        [Enterprise(unit=unit, uscc=unit.code, produces=True) for unit in rows], batch_size=2000
    )
    return [(made[0], large), *((one, TENS) for one in made[1:])]


def staff(places):
    """Everybody in post."""
    total = sum(count for _firm, count in places)
    made = User.objects.bulk_create(
        [
            User(username=f"learner-{n}", name=f"学员{n}", id_mask="****", phone_mask="****")
            for n in range(total)
        ],
        batch_size=2000,
    )
    at, posts = 0, []
    for firm, count in places:
        posts += [
            Post(person=one, enterprise=firm, kind="officer", appointed_on="2025-01-06")
            for one in made[at : at + count]
        ]
        at += count
    return made, Post.objects.bulk_create(posts, batch_size=2000)


def course(code, city, desk, lessons=LESSONS):
    """A published course of articles."""
    made = writing.write(Course(code=code, name=f"课程{code}", unit=city), prerequisites=(), by=desk)
    for n in range(lessons):
        writing.write_lesson(
            made, by=desk, kind=Lesson.Kind.ARTICLE, title=f"第{n + 1}课", body="正文", minutes=8
        )
    return writing.publish(made, by=desk)


def learn(courses, posts, desk):
    """Everybody in every course with a credit of each lesson; a third of all enrolments is completed, a tenth late."""
    now, today = timezone.now(), timezone.localdate()
    rows = []
    for at, one in enumerate(courses):
        for n, post in enumerate(posts):
            over = (n + at) % 3 == 0
            rows.append(
                Enrolment(
                    person_id=post.person_id, course=one, edition_id=one.current_id, post=post, assigned_by=desk,
                    due_on=today + timedelta(days=-5 if n % 10 == 0 else 30), enrolled_at=now,
                    state="completed" if over else "active", completed_at=now - timedelta(days=n % 200) if over else None,
                )
            )  # fmt: skip
    Enrolment.objects.bulk_create(rows, batch_size=2000)
    ago = f"((e.id * 7 + l.position * 11) % {DAYS})"
    day = (
        f"now() - {ago} * interval '1 day'"
        if connection.vendor == "postgresql"
        else f"datetime('now', '-' || {ago} || ' days')"
    )
    with connection.cursor() as cursor:
        for statement in (VISITS.format(day=day), CHECKS, ANSWERS, CREDITS):
            cursor.execute(statement)
    rest()


def rest():
    """As tables are that grew over a year, not in a minute."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("ANALYZE")


def roles(city, district, firm):
    """Who looks: the manager of the large enterprise, one of everybody, the regulator of the district."""
    found = {}
    for name, role, unit in (
        ("manager", Role.MANAGER, firm.unit),
        ("manager of all", Role.MANAGER, district),
        ("district", Role.REGULATOR, district),
        ("city", Role.REGULATOR, city),
    ):
        user = User.objects.create(
            username=name.replace(" ", "-"), name=name, id_mask="****", phone_mask="****"
        )
        RoleGrant.objects.create(user=user, role=role, unit=unit, starts_on="2025-01-06")
        found[name] = user
    return found


def main(wanted):
    """Fill the house."""
    city, district, stations = units()
    desk = User.objects.create(username="bench-desk", name="编者")
    RoleGrant.objects.create(user=desk, role=Role.EDITOR, unit=city, starts_on="2025-01-06")
    places = firms(stations, wanted["people"])
    made, posts = staff(places)
    courses = [course(f"bench-{n}", city, desk) for n in range(COURSES)]
    learn(courses, posts, desk)
    fresh = [course(f"fresh-{n}", city, desk, lessons=2) for n in range(5)]
    pathing.load(
        [
            {
                "path": "officer",
                "name": "路径",
                "post": "officer",
                "category": "",
                "kind": "course",
                "code": one.code,
                "days": "30",
            }
            for one in courses
        ],
        starts_on=timezone.localdate(),
    )
    began = time.perf_counter()
    days = 0
    while closed := closing_days.close_days(now=timezone.now()):
        days += closed
    took = time.perf_counter() - began
    rest()
    looking = roles(city, district, places[0][0]) | {"learner": made[0]}
    told = {
        "cookies": dict(zip(looking, logins(list(looking.values())), strict=True)),
        "fresh": [one.code for one in fresh],
        "people": len(made),
        "large": places[0][1],
        "credits": len(made) * COURSES * LESSONS,
        "days": days,
        "closing_seconds": took,
    }
    print(json.dumps(told))


def give(wanted):
    """Ask for five courses for everybody of the large enterprise; the background worker does the rest."""
    manager = User.objects.get(username="manager")
    courses = list(Course.objects.filter(code__in=wanted["give"]))
    asked = assigning.ask(
        "b" * 32, by=manager, courses=courses, chosen={}, due_on=timezone.localdate() + timedelta(days=30)
    )
    print(json.dumps({"pk": asked.pk, "total": asked.total}))


def look(wanted):
    """How far an assignment has come."""
    one = Assignment.objects.get(pk=wanted["look"])
    doubles = one.given - Enrolment.objects.filter(course__code__startswith="fresh-").count()
    print(json.dumps({"state": one.state, "given": one.given, "total": one.total, "differing": doubles}))


if __name__ == "__main__":
    given = json.load(sys.stdin)
    (look if "look" in given else give if "give" in given else main)(given)
