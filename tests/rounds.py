"""The rounds of the spot checks, laid out inside a running product: who opens which pages, with what the demo city alone does not show."""

from datetime import timedelta
from types import SimpleNamespace

from django.urls import reverse
from django.utils import timezone

from accounts.actions.privacy import acknowledge
from accounts.models import RoleGrant, User
from accounts.privacy import notice_in_force
from exams.actions import attempts, moving, rooms, terminations
from exams.models import ExamSession
from exams.queries.arrivals import pass_of
from supervision.actions import absences, incidents, minutes, packages, paper, publishing, rectifying
from supervision.engine.minutes import sides_of
from supervision.models import Draw, Minutes, Rectification, SpotCheck
from supervision.queries import sittings
from supervision.tests import stories
from tests.product import PASSWORD

HOUR = timedelta(hours=1)
UNDER_WAY, TODAY = "under_way", "drawn"


def _checks():
    """One check of Xiqing's in each state, of the drawn ones that with a session, in the order of the states."""
    rows = SpotCheck.objects.select_related("session", "unit").order_by("pk")
    found = {}
    for one in rows:
        if one.unit.code == "TJ-XQ" or one.state not in found:
            found.setdefault(one.state, one)
    found[TODAY] = rows.get(state=TODAY, session__isnull=False)
    return found


def _principal(examinee):
    firm = examinee.registration.post.enterprise
    return User.objects.get(posts__enterprise=firm, posts__kind="principal", posts__ended_on=None)


def _signed(row, sent, now):
    """A record table that everybody signed."""
    for side in sides_of(row.outcome.conclusion):
        own = side == "examinee"
        by = row.examinee.registration.candidate if own else sent[0]
        name, title = ("", "") if own else (_principal(row.examinee).name, "主要负责人")
        minutes.sign(row, by=by, side=side, name=name, title=title, digest=row.digest, now=now)
    for one in sent:
        minutes.sign(row, by=one, side="inspector", digest=row.digest, now=now)


def _failed(check, by):
    """Record tables of a concluded check: a fail and an absence, both confirmed, one waiting, one refused; and the notice of the fail."""
    now = timezone.now()
    sent = [one.person for one in sittings.attendances(check)]
    found = Minutes.objects.filter(examinee__check_of=check).select_related(
        "examinee__registration__post", "outcome"
    )
    rows = sorted(found, key=lambda row: ["failed", "absent", "passed"].index(row.outcome.conclusion))
    for row in rows[:2]:
        _signed(row, sent, now)
    row = rows[0]
    row.examinee.check_of = check
    facts, demands = rectifying.draft(row.examinee, row.outcome)
    notice = rectifying.issue(row.examinee, by=by, facts=facts, demands=demands, contact="022-00000000")
    minutes.refuse(
        rows[3],
        by=sent[0],
        side="examinee",
        why="对评分有异议，不愿签字",
        witness="刘建军",
        witness_title="车间主任",
    )
    return rows, notice, sent


def _manager_of(examinee):
    """The principal of an examinee's enterprise, with a manager's desk."""
    person, grant = _principal(examinee), RoleGrant.objects.get(user__username="manager")
    unit = examinee.registration.post.enterprise.unit
    RoleGrant.objects.get_or_create(
        user=person, role=grant.role, unit=unit, defaults={"starts_on": grant.starts_on}
    )
    return person


def furnish():
    """A busy day: a room with seats, an absence, incidents, a sitting that is to end, one on paper, a move, a package, an objection, notices."""
    checks, people = _checks(), User.objects.in_bulk(field_name="username")
    by = people["district"]
    today, day = checks[TODAY], checks[UNDER_WAY]
    for one in (today, day):  # whatever the hour is
        ExamSession.objects.filter(pk=one.session_id).update(closes_at=timezone.now() + 3 * HOUR)
        one.session.refresh_from_db()
    expected = list(sittings.examinees(today))
    rooms.add(today.session, by=by, name="第一考场（二楼培训室）", capacity=10)
    rooms.seat_all(today.session, by=by)
    absent = expected[-1].registration.candidate
    absences.ask(
        expected[-1],
        by=absent,
        side="person",
        why="住院治疗，出院日期待定，附医院证明",
        now=today.session.opens_at - HOUR,
    )
    incidents.note(today, by=by, category="network", text="第一考场网络在开考前中断约五分钟，已恢复。")
    now = timezone.now()
    running, written, *_others = sittings.examinees(day)
    sitter = running.registration.candidate
    attempt = attempts.start(running.registration, by=sitter, now=now, device="a" * 32)
    form_a, _form_b = [paper.fix(day, day.session, letter, by=by) for letter in "AB"]
    stories.entered(None, written, form_a, 0.6, by=by)
    move = moving.ask(sitter, attempt.pk, device="b" * 32)
    terminations.propose(attempt, why="使用手机查找答案", by=by)
    packages.make(packages.ask(checks["closed"], by=by, why="行政复议举证"))
    seen = Minutes.objects.filter(examinee__check_of=checks["published"]).order_by("examinee").first()
    publishing.object_to(
        seen.examinee, by=seen.examinee.registration.candidate, side="examinee", why="第 12 题的表述与标准不一致",
        now=checks["published"].published_at + HOUR,
    )  # fmt: skip
    rows, notice, sent = _failed(checks["concluded"], by)
    return SimpleNamespace(
        checks=checks, attempt=attempt, move=move, written=written, seen=seen, rows=rows, sent=sent, notice=notice,
        expected=expected, sitter=sitter, reported=Rectification.objects.get(examinee__check_of=checks["published"], state="reported"),
    )  # fmt: skip


def _at(name, *arguments):
    return reverse(name if ":" in name else f"supervision:{name}", args=arguments)


def _of_the_office(kept):
    checks, notice, rows = kept.checks, kept.notice, kept.rows
    drawn = [checks[one] for one in (TODAY, UNDER_WAY, "concluded", "published", "closed")]
    first = {one.code: sittings.examinees(one)[0] for one in drawn}
    today, day = checks[TODAY], checks[UNDER_WAY]
    arriving, hall, room = first[today.code].registration.pk, today.session.code, day.session.code
    ended = Rectification.objects.filter(examinee__check_of=checks["closed"]).first()
    return [
        *[
            _at(one)
            for one in ("checks", "check_new", "coverage", "profiles", "interests", "overdue", "owed")
        ],
        *[_at(one) for one in ("rectifications", "my_minutes", "dashboards:home")],
        *[_at("check", one.code) for one in checks.values() if one.unit.code == "TJ-XQ"],
        *[_at("examinee", code, one.pk) for code, one in first.items()],
        *[_at("examinee", day.code, kept.written.pk), _at("check_edit", checks["planned"].code)],
        *[_at("listed", today.code, 1), _at("incidents", today.code), _at("notice", first[today.code].pk)],
        *[_at("rectification", one.pk) for one in (notice, kept.reported, ended)],
        *[
            _at("rectification_serve", notice.pk),
            _at("rectify", checks["concluded"].code, rows[1].examinee_id),
        ],
        *[_at("minutes", one.pk) for one in (*rows[1:], kept.seen)],
        *[_at("paper", day.code), _at("paper_import", day.code)],
        *[_at("paper_enter", day.code, kept.written.pk, kind) for kind in ("A", "total")],
        *[
            _at(f"exams:{one}", hall)
            for one in ("session_manage", "rooms", "hall", "hall_screen", "session_live")
        ],
        *[_at(f"exams:{one}", room) for one in ("session_live", "session_clusters", "session_filing")],
        *[_at("exams:arrive", arriving, pass_of(arriving)), _at("exams:terminate", kept.attempt.pk)],
        _at("exams:move", kept.move.pk, kept.move.code),
    ]


def _of_everybody(kept):
    rows = Minutes.objects.order_by("pk")
    told = [rows.filter(examinee=kept.seen.examinee).last(), kept.rows[2]]
    draws = Draw.objects.order_by("pk")
    return [
        *[_at("public_draws"), *[_at("public_draw", one.code) for one in draws]],
        *[
            _at("public_results"),
            *[_at("public_result", kept.checks[one].code) for one in ("published", "closed")],
        ],
        *[_at("public_minutes", one.code) for one in told],
    ]


def lay_out():
    """Furnish the city and give {who: [address, …]}; "" is a stranger."""
    kept = furnish()
    failed, waiting, notice = kept.rows[0], kept.rows[2], kept.notice
    candidate, asks = (one.examinee.registration.candidate.username for one in (failed, waiting))
    absent, today = kept.expected[-1], kept.checks[TODAY]
    rounds = [
        ("", _of_everybody(kept)),
        ("district", _of_the_office(kept)),
        (kept.sent[0], [_at("sign", waiting.pk, side) for side in ("examinee", "enterprise", "inspector")]),
        ("city", [_at("profile_new", "food"), *[_at("check", one.code) for one in kept.checks.values()]]),
        (_manager_of(failed.examinee), [_at("dashboards:home"), _at("rectifications"), _at("my_minutes")]),
        (
            _manager_of(failed.examinee),
            [_at("rectification", notice.pk), _at("rectification_report", notice.pk)],
        ),
        (_manager_of(waiting.examinee), [_at("minutes", waiting.pk), _at("sign", waiting.pk, "enterprise")]),
        (
            candidate,
            [
                _at("dashboards:home"),
                _at("my_minutes"),
                _at("minutes", failed.pk),
                _at("rectification", notice.pk),
            ],
        ),
        (asks, [_at("minutes", waiting.pk), _at("sign", waiting.pk, "examinee")]),
        (absent.registration.candidate, [_at("notice", absent.pk), _at("exams:session", today.session.code)]),
        (kept.sitter, [_at("dashboards:home"), _at("exams:sitting", kept.attempt.pk)]),
    ]
    pages = {}
    for who, addresses in rounds:
        pages.setdefault(str(getattr(who, "username", who)), []).extend(addresses)
    for person in User.objects.filter(username__in=pages):
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
        acknowledge(notice_in_force(timezone.now()), by=person)
    return pages


def serve():
    """The notice that was issued is brought to the enterprise."""
    [notice] = Rectification.objects.filter(state=Rectification.State.ISSUED)
    by, now = User.objects.get(username="district"), timezone.now()
    rectifying.serve(notice, by=by, how="mail", served_at=now, receiver="门卫王师傅", receiver_role="收发室")
