"""What came after the draw, in Xiqing: a check ready for today, one under way, one concluded, one published, one closed."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.models import User
from config.demo.answers import answers
from exams.actions import attempts
from exams.actions.scoring import policy_of
from exams.queries import papers
from supervision.actions import (
    amending,
    incidents,
    minutes,
    notices,
    publishing,
    rectifying,
    retaking,
    sittings,
)
from supervision.actions import draws as acts
from supervision.engine.minutes import sides_of
from supervision.models import SpotCheck
from supervision.queries import draws
from supervision.queries import minutes as minutes_of
from supervision.queries import sittings as queries

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GOOD, BAD = 88, 36  # per cent of a paper that passes, and of one that does not
BRING, CONTACT = "本人有效身份证件、本通知书", "西青区市场监管局产品质量监督科 022-00000000"
EXCUSED = "考核当日因急症住院，事后提交的入院记录经核实，不属无故缺考。"
MEASURES = "组织全体质量安全人员学习失分的条款，逐项对照本企业制度和记录，补齐进货查验和出厂检验的缺项。"


def at(day, hour, minute=0):
    """A moment of a day on the wall clock."""
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def opened(check, day, people, *, is_held, now, hours=(9, 12)):
    """Registered and notified."""
    by = people["district"]
    check = SpotCheck.objects.select_related("exam", "unit", "profile").get(pk=check.pk)
    check = acts.register(
        check, by=by, opens_at=at(day, hours[0]), closes_at=at(day, hours[1]), papers_wanted=4, is_held=is_held, now=now
    )  # fmt: skip
    notices.issue(check, by=by, bring=BRING, contact=CONTACT, now=now + HOUR)
    return check


def called(check, row, people, today):
    """Ready for today: eight are expected, most have read their notices."""
    check = opened(check, today, people, is_held=True, now=at(today - 2 * DAY, 15), hours=(0, 23))
    for one in list(queries.examinees(check))[:6]:
        notices.read(one.notices.get(), by=one.registration.candidate)
    return check


def begun(check, row, people, today):
    """Under way at the enterprises since this morning; somebody's notes were taken away."""
    day = date.fromisoformat(row["starts"])
    check = opened(check, day, people, is_held=False, now=at(day - 2 * DAY, 15), hours=(0, 23))
    check = _begin(check, people, max(at(day, 0, 1), check.session.opens_at))
    first = next(iter(queries.examinees(check)))
    incidents.note(
        check, by=people["district"], examinee=first, category="aid", text="考前检查时桌面有手写要点一页，已收走。"
    )  # fmt: skip
    return check


def _begin(check, people, now):
    sent = [one.person for one in draws.counting(check).inspectors.select_related("person")]
    badges = {person: f"津市监执 {person.pk:06d}" for person in sent}
    return sittings.begin(check, by=people["district"], badges=badges, now=now)


def concluded(check, row, people, today):
    """Concluded: one failed, one did not come; the minutes wait for signatures."""
    day = date.fromisoformat(row["starts"])
    check = opened(check, day, people, is_held=False, now=at(day - 5 * DAY, 15))
    check = _begin(check, people, at(day, 8, 50))
    for one, percent in zip(queries.examinees(check), (BAD, None), strict=False):
        if percent:
            _sit(one, at(day, 9, 5), percent)
    for one in list(queries.examinees(check))[2:]:
        _sit(one, at(day, 9, 5), GOOD)
    check = sittings.conclude(check, by=people["district"], now=at(day, 12, 1))
    minutes.draw_up(check, by=people["district"], now=at(day, 12, 10))
    return check


def _sit(examinee, started, percent):
    """One sitting from start to hand-in, in forty minutes."""
    person = examinee.registration.candidate
    attempt = attempts.start(examinee.registration, by=person, now=started)
    session = attempt.registration.session
    said = answers(
        papers.places(attempt.paper), percent, policy_of(session), f"{person.username}:{session.code}"
    )
    entries = [attempts.Entry(n, position, said[position]) for n, position in enumerate(attempt.layout["order"], start=1)]  # fmt: skip
    attempts.save(person, attempt.pk, entries[:30], now=started + HOUR / 3)
    attempts.hand_in(person, attempt.pk, by=person, entries=entries[30:], now=started + 2 * HOUR / 3)


def _sign(check, now):
    """Everybody who must signs what is not signed yet: the people themselves, for the enterprise its principal on an inspector's screen."""
    sent = [one.person for one in queries.attendances(check)]
    for kept in minutes_of.of_check(check).values():
        row = kept.row
        if kept.signatures:
            continue
        for side in sides_of(row.outcome.conclusion):
            if side == "examinee":
                minutes.sign(
                    row, by=row.examinee.registration.candidate, side=side, digest=row.digest, now=now
                )
            else:
                name = _principal(row.examinee).name
                minutes.sign(
                    row, by=sent[0], side=side, name=name, title="主要负责人", digest=row.digest, now=now
                )
        for one in sent:
            minutes.sign(row, by=one, side="inspector", digest=row.digest, now=now)


def _principal(examinee):
    """Who signs for an enterprise: its principal."""
    firm = examinee.registration.post.enterprise
    return User.objects.get(posts__enterprise=firm, posts__kind="principal", posts__ended_on=None)


def published(check, row, people, today):
    """Published: one failed and has answered her notice, which waits for its re-check; of another the absence was corrected and her
    notice revoked."""
    check, (notice, groundless) = _published(check, row, people, (BAD, None))
    day = timezone.localdate(check.published_at)
    proposal = amending.propose(
        groundless.examinee,
        by=people["district"],
        conclusion="excused",
        why=EXCUSED,
        now=at(day + 3 * DAY, 9),
    )
    amending.confirm(proposal, by=people["city-second"], why="与医院核实，证明属实。", now=at(day + 4 * DAY, 9))  # fmt: skip
    rectifying.revoke(groundless, by=people["city"], why=EXCUSED, now=at(day + 4 * DAY, 15))
    _sign(check, at(day + 5 * DAY, 10))
    rectifying.report(notice, by=_principal(notice.examinee), measures=MEASURES, training=_lessons(notice, day), now=at(day + 6 * DAY, 10))  # fmt: skip
    publishing.correct(check, by=people["city"], why="缺考更正为准予缓考", now=at(day + 6 * DAY, 15))
    return check


def _published(check, row, people, shares):
    """A check whose first examinees did as told, the others well; signed, published, with a notice served for each fail."""
    day = date.fromisoformat(row["starts"])
    check = opened(check, day, people, is_held=False, now=at(day - 5 * DAY, 15))
    check = _begin(check, people, at(day, 8, 50))
    for place, one in enumerate(queries.examinees(check)):
        share = shares[place] if place < len(shares) else GOOD
        if share is not None:
            _sit(one, at(day, 9, 5), share)
    check = sittings.conclude(check, by=people["district"], now=at(day, 12, 1))
    minutes.draw_up(check, by=people["district"], now=at(day, 12, 10))
    _sign(check, at(day, 12, 30))
    publishing.publish(check, by=people["city"], now=at(day + 4 * DAY, 10))
    check.refresh_from_db()
    found = []
    for one in list(queries.examinees(check))[: len(shares)]:
        one.check_of = check
        facts, demands = rectifying.draft(one, queries.outcomes_of([one])[one.pk])
        notice = rectifying.issue(one, by=people["district"], facts=facts, demands=demands, contact=CONTACT, now=at(day + 5 * DAY, 9))  # fmt: skip
        rectifying.serve(
            notice, by=people["district"], how="in_person", served_at=at(day + 5 * DAY, 15), receiver=_principal(one).name,
            receiver_role="主要负责人", now=at(day + 5 * DAY, 16),
        )  # fmt: skip
        found.append(notice)
    return check, found


def _lessons(notice, day):
    return [{"topic": topic, "on": f"{day + 2 * DAY:%Y-%m-%d}", "hours": "2", "teacher": "质量部"} for topic in notice.missed[:3]]  # fmt: skip


def closed(check, row, people, today):
    """Closed: the notice was answered and struck off, the retake passed and published, and nobody may object any more."""
    check, (notice,) = _published(check, row, people, (BAD,))
    day = timezone.localdate(check.published_at) + 6 * DAY
    rectifying.report(notice, by=_principal(notice.examinee), measures=MEASURES, training=_lessons(notice, day - 4 * DAY), now=at(day, 10))  # fmt: skip
    rectifying.recheck(notice, by=people["district"], is_accepted=True, found="现场核对学习记录和补正的台账，符合要求。", now=at(day + DAY, 10))  # fmt: skip
    rectifying.strike_off(notice, by=people["city"], now=at(day + 2 * DAY, 10))
    again = day + 5 * DAY
    retake = retaking.call_retake(
        check, by=people["district"], opens_at=at(again, 9), closes_at=at(again, 12), place=check.place, papers_wanted=2,
        now=at(day + 2 * DAY, 11),
    )  # fmt: skip
    for one in queries.examinees(check, round=1):
        _sit(one, at(again, 9, 5), GOOD)
    retaking.conclude_retake(retake, by=people["district"], now=at(again, 12, 1))
    minutes.draw_up(check, by=people["district"], now=at(again, 12, 5))
    _sign(check, at(again, 12, 30))
    publishing.publish(check, by=people["city"], round=1, now=at(again + DAY, 10))
    check.refresh_from_db()
    last = max(row.objections_until for row in check.publications.all())
    return retaking.close(check, by=people["city-second"], now=at(last + DAY, 10))
