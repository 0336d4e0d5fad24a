"""Fill an empty house for a run; reads what is wanted as JSON on stdin, prints what a client must know. `python -m bench.seed`."""

import json
import sys
from datetime import timedelta
from decimal import Decimal

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Enterprise, Post, PostKind, Role, RoleGrant, Unit, User  # noqa: E402
from accounts.sessions import SessionStore  # noqa: E402
from bench.items import fill_bank  # noqa: E402
from catalog.models import Region  # noqa: E402
from certificates.models import Scheme  # noqa: E402
from exams.actions import attempts, blueprints, imports, sessions  # noqa: E402
from exams.models import Blueprint, BlueprintLine, Exam, ExamSession, ItemBank, Registration  # noqa: E402
from exams.workbooks import open_file  # noqa: E402

PASSWORD = "bench-password-2026"
SHARES = {16: (12, 4), 50: (38, 12), 100: (75, 25)}  # multiple choice and true or false


def ground():
    """Catalog, an organ, an enterprise, the people of the desk; once."""
    city = Unit.objects.filter(code="TJ").first()
    if city:
        return city, Enterprise.objects.get(), User.objects.get(username="bench-desk")
    call_command("load_catalog", settings.BASE_DIR / "fixtures/catalog", verbosity=0)
    region = Region.objects.get(code="120000")
    city = Unit.objects.create(kind=Unit.Kind.ORGAN, level="city", code="TJ", name="市局", region=region)
    code = "91120111MA0000001A"
    unit = Unit.objects.create(
        kind=Unit.Kind.ENTERPRISE, code=code, name="压测企业", parent=city, region=region
    )
    enterprise = Enterprise.objects.create(unit=unit, uscc=code, produces=True)
    desk = User.objects.create(username="bench-desk", name="组织者")
    Scheme.objects.create(code="bench", exam_kind=Exam.Kind.SELF_TRAINING, issuer="压测")
    return city, enterprise, desk


def make_session(code, wanted, city, desk):
    """An exam of so many questions over the bank, published with its papers."""
    length = wanted.get("length", 16)
    if length > 16:  # the fixture's bank is not so large
        wanted.setdefault("items", 200)
    bank = ItemBank.objects.filter(code="bench").first()
    if bank is not None and wanted.get("items", 0) > bank.items.count():
        have = bank.items.count()
        fill_bank(bank, wanted["items"] - have, first=have + 1)
    if bank is None:
        bank = ItemBank.objects.create(code="bench", name="压测题库", unit=city)
        RoleGrant.objects.create(user=desk, role=Role.EDITOR, unit=city, starts_on="2025-01-06")
        if wanted.get("items"):
            fill_bank(bank, wanted["items"])
        else:
            path = settings.BASE_DIR / "fixtures/banks/general.csv"
            reading = open_file(path.name, path.read_bytes()).read()
            reviewer = User.objects.create(username="bench-reviewer", name="审核人")
            RoleGrant.objects.create(user=reviewer, role=Role.REVIEWER, unit=city, starts_on="2025-01-06")
            assert not imports.import_items(bank, reading, by=desk, approve_by=reviewer).problems
    many, few = SHARES[length]
    blueprint = Blueprint(code=f"{code}-paper", name="压测蓝图", unit=city)
    lines = [
        BlueprintLine(section=name, type=kind, count=count, points=Decimal(points), bank=bank)
        for name, kind, count, points in (("多选题", "multiple", many, 7), ("判断题", "truefalse", few, 4))
    ]
    blueprint = blueprints.write(blueprint, lines, by=desk)
    blueprints.publish(blueprint, by=desk, on=timezone.localdate())
    exam = Exam.objects.create(
        code=code, name="压测考试", kind=Exam.Kind.SELF_TRAINING, blueprint=blueprint, unit=city
    )
    now = timezone.now()
    session = sessions.plan(
        exam,
        by=desk,
        code=code,
        name="压测场次",
        opens_at=now - timedelta(hours=1),
        closes_at=now + timedelta(seconds=wanted.get("closes_in", 86400)),
        papers_wanted=wanted.get("papers", 24),
        minutes=wanted.get("minutes", 60),
        grace_seconds=wanted.get("grace", 60),
        cut_score=Decimal(wanted.get("cut", 60)),
        max_attempts=0,
        is_held=wanted.get("held", False),
    )
    return sessions.publish(session, by=desk)


def people(prefix, count, enterprise):
    """So many people in a post, all with the one password."""
    password = make_password(PASSWORD)
    made = User.objects.bulk_create(
        [
            User(
                username=f"{prefix}-{n}",
                name=f"考生{n}",
                password=password,
                id_mask="****",
                phone_mask="****",
            )
            for n in range(count)
        ],
        batch_size=2000,
    )
    Post.objects.bulk_create(
        [
            Post(person=one, enterprise=enterprise, kind=PostKind.OFFICER, appointed_on="2025-01-06")
            for one in made
        ],
        batch_size=2000,
    )
    return made


def logins(made):
    """Sessions as signing in leaves them; only where a run says that it does not measure signing in."""
    cookies = []
    for one in made:
        store = SessionStore()
        store[SESSION_KEY] = str(one.pk)
        store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        store[HASH_SESSION_KEY] = one.get_session_auth_hash()
        store.create()
        cookies.append(store.session_key)
    return cookies


@transaction.atomic
def main(wanted):
    """Everything that the run asked for."""
    city, enterprise, desk = ground()
    code = wanted["code"]
    session = ExamSession.objects.filter(code=code).first() or make_session(code, wanted, city, desk)
    made = people(code, wanted["users"], enterprise)
    posts = dict(Post.objects.filter(person__in=made).values_list("person", "pk"))
    Registration.objects.bulk_create(
        [
            Registration(session=session, candidate=one, post_id=posts[one.pk], source="manager")
            for one in made
        ],
        batch_size=2000,
    )
    if wanted.get("held"):  # checked in at the door, the code typed: only the word is missing
        now = timezone.now()
        Registration.objects.filter(session=session).update(arrived_at=now, code_at=now)
    told = {
        "session": code,
        "session_pk": session.pk,
        "password": PASSWORD,
        "users": [one.username for one in made],
    }
    if wanted.get("logins"):
        told["cookies"] = logins(made)
    if wanted.get("started"):
        rows = Registration.objects.filter(session=session).order_by("pk")
        told["attempts"] = [attempts.start(row, by=None).pk for row in rows]
    print(json.dumps(told))


if __name__ == "__main__":
    main(json.load(sys.stdin))
