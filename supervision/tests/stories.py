"""Builders of spot checks: more people, a plan, and the way to each state."""

import hashlib
import io
from datetime import timedelta
from decimal import Decimal

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageDraw

from accounts import papers
from accounts.models import Post, PostKind, Role, RoleGrant, User
from exams.actions import attempts
from exams.engine import sheet
from supervision.actions import checks, draws, minutes, paper, publishing, sittings
from supervision.actions.standing import enter_shipped_profiles
from supervision.engine.minutes import sides_of
from supervision.models import PaperResult, RuleProfile
from supervision.queries import draws as queries
from supervision.queries import minutes as queries_of_minutes
from supervision.queries import paper as queries_of_paper
from supervision.queries import sittings as queries_of_sittings
from supervision.queries.written import Written
from tests import build
from tests.people import APPOINTED

LOTTERY = "中国福利彩票双色球第 2026137 期开奖号码"
NUMBERS = "03 11 17 22 26 30 + 09"
HALF_HOUR = timedelta(minutes=30)


def crowd(cast, n, firm=None, kind=PostKind.OFFICER, code="crowd"):
    """So many further people in post in an enterprise."""
    firm = firm or cast.jinhai
    users = User.objects.bulk_create(
        User(username=f"{code}-{k}", name=f"甲{k:03d}{code}", password="!") for k in range(n)
    )
    return Post.objects.bulk_create(
        Post(person=one, enterprise=firm, kind=kind, appointed_on=APPOINTED) for one in users
    )


def inspectors(cast, n=3, unit=None):
    """So many further regulators, in Xiqing unless another organ is named."""
    first = User.objects.filter(username__startswith="inspector-").count()
    made = [User.objects.create_user(f"inspector-{k}", name=f"检查员{k}") for k in range(first, first + n)]
    for one in made:
        RoleGrant.objects.create(user=one, role=Role.REGULATOR, unit=unit or cast.xiqing, starts_on=APPOINTED)
    return made


def profile(code="food"):
    """A profile that comes with the system."""
    enter_shipped_profiles()
    return RuleProfile.objects.newest().get(code=code)


def blueprint(cast, code="spot"):
    """A published table of thirty items."""
    return build.make_blueprint(
        cast, build.make_bank(cast, code, each=10), {"single": 10, "multiple": 10, "truefalse": 10}, code
    )


def fields(cast, **more):
    """What a plan says; food's rule, which thirty items satisfy."""
    day = timezone.localdate() + timedelta(days=7)
    return {
        "name": "电动自行车生产单位抽查考核",
        "profile": more.pop("profile", None) or profile(),
        "blueprint": more.pop("blueprint", None) or blueprint(cast),
        "starts_on": day,
        "ends_on": day,
        "place": "西青区市场监管局二楼会议室",
        "universe": {"kinds": ["director", "officer"]},
        "quotas": {"": 2},
        "weights": {},
        "reserves": 1,
        "inspectors": 2,
    } | more


def planned(cast, by=None, unit=None, **more):
    """A plan of Xiqing's regulator."""
    return checks.plan(by=by or cast.district, unit=unit or cast.xiqing, **fields(cast, **more))


def approved(cast, **more):
    """Approved by the city."""
    return checks.approve(planned(cast, **more), by=cast.city)


def frozen(cast, now=None, **more):
    """Frozen an hour ago; the public half came half an hour ago."""
    now = now or timezone.now() - 2 * HALF_HOUR
    check = approved(cast, **more)
    return draws.freeze(check, by=cast.district, source=LOTTERY, source_at=now + HALF_HOUR, now=now)


def drawn(cast, public=NUMBERS, **more):
    """Drawn."""
    return draws.reveal(frozen(cast, **more), by=cast.district, public=public)


def drawn_without(cast, people, **more):
    """A drawn check from whose frame these people were left out."""
    check = planned(cast, **more)
    for person in people:
        checks.exclude(check, by=cast.district, person=person, why="故事")
    check, now = checks.approve(check, by=cast.city), timezone.now() - 2 * HALF_HOUR
    draw = draws.freeze(check, by=cast.district, source=LOTTERY, source_at=now + HALF_HOUR, now=now)
    return draws.reveal(draw, by=cast.district, public=NUMBERS).check_of


def posted(user, name, check, **fields):
    """What comes of an act upon a check's page."""
    client = Client()
    client.force_login(user)
    return client.post(reverse(f"supervision:{name}", args=[check.code]), fields)


def seen(user, name, *arguments):
    """What somebody sees on a page."""
    client = Client()
    client.force_login(user)
    return client.get(reverse(f"supervision:{name}", args=arguments)).content.decode()


def small_rule():
    """Rules that any blueprint satisfies."""
    return RuleProfile.objects.create(
        code="small", number=1, name="故事规则", questions_least=1, cut_score=60, minutes=30, publish_days=20,
        objection_days=5, rectify_days=15, retakes=1, legal_basis="故事", reason="故事",
    )  # fmt: skip


def called(cast, check=None, opens_at=None, closes_at=None, is_held=False, **more):
    """Drawn, and those on the list registered: the check. The session is open from a minute ago, for an hour, and not held."""
    now = timezone.now()
    check = check or drawn(cast, **more).check_of
    check.refresh_from_db()
    times = {
        "opens_at": opens_at or now - timedelta(minutes=1),
        "closes_at": closes_at or now + 2 * HALF_HOUR,
    }
    return draws.register(check, by=cast.district, papers_wanted=2, is_held=is_held, **times)


def begun(cast, check=None, **more):
    """Under way: two inspectors of the draw showed their badges."""
    check = check or called(cast, **more)
    sent = [one.person for one in queries.counting(check).inspectors.all()[:2]]
    return sittings.begin(check, by=cast.district, badges={one: f"津执 {one.pk:04d}" for one in sent})


def sat(examinee, share=1):
    """Her attempt, handed in, with this share of the places right."""
    attempt = attempts.start(examinee.registration, by=examinee.registration.candidate)
    return build.handed_in(attempt, share)


def concluded(cast, shares=(1, 0), check=None, **more):
    """Concluded: the first examinee got all right, the second nothing, unless the shares say otherwise; None is absent."""
    check = begun(cast, check, **more)
    for one, share in zip(queries_of_sittings.examinees(check), shares, strict=True):
        if share is not None:
            sat(one, share)
    return sittings.conclude(check, by=cast.district, now=check.session.closes_at)


def furnish(cast):
    """A crowd in Jinhai, enough who may be sent, and a small blueprint: cast.blueprint."""
    crowd(cast, 6)
    cast.sent = inspectors(cast)
    bank = build.make_bank(cast, "spot", truefalse=8, each=0)
    cast.blueprint = build.make_blueprint(cast, bank, {"truefalse": 4}, "spot")
    return cast


def sealed(check, but=()):
    """The minutes of all drawn up and signed by everybody who must; of those in `but` nobody signs. Gives the newest by examinee."""
    minutes.draw_up(check, by=check.planned_by)
    for examinee, kept in queries_of_minutes.of_check(check).items():
        if examinee not in [one.pk for one in but]:
            signed(kept.row)
    return queries_of_minutes.of_check(check)


def signed(row):
    """Everybody who is wanted signs a version, each in her own name; the enterprise on an inspector's screen."""
    examinee = row.examinee
    sent = [one.person for one in queries_of_sittings.attendances(examinee.check_of)]
    for side in sides_of(row.outcome.conclusion):
        by = examinee.registration.candidate if side == "examinee" else sent[0]
        minutes.sign(
            row, by=by, side=side, name="赵敏", title="法定代表人", image=stroke(), digest=row.digest
        )
    for one in sent:
        minutes.sign(row, by=one, side="inspector", image=stroke(), digest=row.digest)


def stroke():
    """A picture of a signature."""
    made = io.BytesIO()
    picture = Image.new("RGBA", (400, 160), (255, 255, 255, 0))
    ImageDraw.Draw(picture).line(
        [(30, 120), (120, 30), (200, 130), (360, 40)], fill=(20, 30, 60, 255), width=6
    )
    picture.save(made, "PNG")
    return made.getvalue()


def published(cast, shares=(1, 0), by=None, **more):
    """Concluded, confirmed by all and published by the city."""
    check = concluded(cast, shares, **more)
    sealed(check)
    publishing.publish(check, by=by or cast.city)
    check.refresh_from_db()
    return check


def lean(blueprint, people=1, rule=None):
    """What a plan says that any blueprint satisfies."""
    return {"profile": rule or small_rule(), "blueprint": blueprint, "quotas": {"": people}}


def small(cast, blueprint):
    """A drawn check of Xiqing over any blueprint."""
    return drawn(cast, **lean(blueprint))


def on_paper(cast, examinee, **more):
    """A row that says what she got in an outside exam, entered by Xiqing's regulator; past every act."""
    return PaperResult.objects.create(
        examinee=examinee, number=1, kind="total", holder="市培训中心", held_on=timezone.localdate(), by=cast.district,
        **{"points": 80, "max_points": 100, "percent": 80, "passed": True} | more,
    )  # fmt: skip


def scan(name="答题卡.png"):
    """A scan as it comes in."""
    return papers.prepare(a_picture(name), name)


def a_picture(seed=""):
    """A small picture, another one for each seed."""
    made = io.BytesIO()
    colour = tuple(hashlib.sha256(seed.encode()).digest()[:3])
    Image.new("RGB", (8, 8), colour).save(made, "PNG")
    return made.getvalue()


def entered(cast, examinee, form=None, share=1, by=None, **more):
    """Her answer sheet typed in by Xiqing's regulator: this share of the places right; without a form the total of an outside exam."""
    today = timezone.localdate()
    if form is None:
        written = Written(today, points=Decimal(80), max_points=Decimal(100), holder="市培训中心")
    else:
        written = Written(today, form=form, cells=right_cells(form, share))
    return paper.enter(examinee, written, by=by or cast.district, scans=[scan(str(examinee.pk))], **more)


def right_cells(form, share=1):
    """What stands on a sheet of this form when this share of the places is right; the others are empty."""
    places, cells = queries_of_paper.places_of(form), queries_of_paper.cells_of(form)
    last = round(len(places) * share)
    keys = {n: build.right(place.type, place.body, place.key) for n, place in places.items() if n <= last}
    return sheet.write(places, cells, keys)
