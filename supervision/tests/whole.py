"""Builder of a case in which everything happened that a package tells of, from the first notice to the closure."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from exams.actions import attempts, interventions, terminations
from exams.models import Attempt
from supervision.actions import (
    absences,
    amending,
    draws,
    incidents,
    minutes,
    notices,
    paper,
    publishing,
    rectifying,
    retaking,
)
from supervision.actions import sittings as acts
from supervision.models import SpotCheck
from supervision.queries import minutes as minutes_of
from supervision.queries import notices as notices_of
from supervision.queries import publishing as publishing_of
from supervision.queries import sittings as queries
from supervision.tests import failing, stories
from tests import build

ID_NUMBER, PHONE = "12011119900307123X", "13920001234"
TYPED_PHONE, TYPED_ID = "13812345678", "120111198807062518"  # into a field for words, by somebody's hand
CONTACT = f"王科长 {TYPED_PHONE}，022-00000000"


def furnish(cast, settings, tmp_path):
    """People with numbers, inspectors, somebody who had no hand in it, and a bank that bears retakes."""
    settings.MEDIA_ROOT = tmp_path
    failing.house(cast, items=48, drawn=2)
    cast.second, cast.third = (User.objects.create_user(f"hand-{n}", name=f"复核员{n}") for n in (1, 2))
    return cast


def closed(cast, people=4):
    """The case, closed: the first failed twice and was decided about, the second was nearly terminated, the third sat on paper, the
    fourth objected with success; all others passed."""
    check = stories.called(cast, **stories.lean(cast.blueprint, people))
    told(cast, check)
    first, second, third, fourth, *others = sat(cast, check)
    check = acts.conclude(check, by=cast.district, now=check.session.closes_at)
    signed(cast, check, refused=second)
    publishing.publish(check, by=cast.city)
    check.refresh_from_db()
    objected(cast, check, fourth, third, others)
    rectified(cast, again(check, first))
    failing.retaken(cast, check, shares=[0])
    [last] = failing.called(check, 1)
    failing.closed(cast, again(check, last))
    retaking.decide(again(check, last), by=cast.district, measure="move", why="补考仍不合格")
    retaking.close(check, by=cast.city, now=timezone.now() + failing.LATER)
    return SpotCheck.objects.get(pk=check.pk)


def again(check, examinee):
    """An examinee who knows her check as it is now."""
    examinee.check_of = check
    return examinee


def numbered(check):
    """ID and phone numbers for all who are called: what must not be found."""
    for n, one in enumerate(queries.examinees(check)):
        person = one.registration.candidate
        person.id_number, person.phone = f"{ID_NUMBER[:14]}{100 + n}{n % 10}", f"{PHONE[:-3]}{n:03d}"
        person.save()


def told(cast, check):
    """Two versions of the notices, read by person and manager; one is replaced, one asks in vain to be excused."""
    notices.issue(check, by=cast.district, bring="身份证", contact=CONTACT)
    notices.issue(check, by=cast.district, bring="身份证和准考证", contact=CONTACT, why="要求有变")
    out = queries.examinees(check)[0]
    draws.replace(out.drawn, by=cast.district, why="已经离职")
    numbered(check)
    one = queries.examinees(check)[0]
    notice = notices_of.notices_of([one])[one.pk]
    for reader in (one.registration.candidate, cast.manager):
        notices.read(notice, by=reader)
    before = check.session.opens_at - timedelta(hours=1)
    request = absences.ask(one, by=one.registration.candidate, side="person", why="外地出差", papers=[stories.scan("车票.png")], now=before)  # fmt: skip
    absences.decide(request, by=cast.district, is_granted=False, why="可以改签", now=before)


def sat(cast, check):
    """Under way and sat, with an incident, its correction, more time, and a termination that is reversed."""
    stories.begun(cast, check)
    everybody = first, second, third, fourth, *others = list(queries.examinees(check))
    stories.sat(first, 0)
    attempt = attempts.start(second.registration, by=second.registration.candidate)
    running = Attempt.objects.filter(pk=attempt.pk)
    interventions.extend(running, minutes=5, why="网络中断", by=cast.district)
    build.answer_right(attempt)
    terminations.propose(attempt, why="使用手机", by=cast.district)
    terminations.confirm(attempt, why="查看属实", by=cast.city)
    terminations.reverse(attempt, why="误判，是计算器", by=cast.admin)
    act = attempt.interventions.order_by("number").first()
    one = incidents.note(
        check, by=cast.district, examinee=second, category="aid", text=f"桌上有手机 {TYPED_PHONE}，机主 {TYPED_ID}", act=act,
        papers=[stories.scan("现场.png")],
    )  # fmt: skip
    incidents.note(check, by=cast.city, examinee=second, category="other", text="是计算器", corrects=one)
    form = paper.fix(check, check.session, "A", by=cast.district)
    paper.review(stories.entered(cast, third, form, share=0.5), "returned", why="第二题看错", by=cast.third)
    paper.review(stories.entered(cast, third, form, share=1, why="重录"), "confirmed", by=cast.third)
    stories.sat(fourth, 0)
    for one in others:
        stories.sat(one, 1)
    return everybody


def signed(cast, check, refused):
    """Minutes signed by all; of one the enterprise refused before both inspectors."""
    stories.sealed(check, but=[refused])
    row = minutes_of.newest_of(refused).row
    sent = [one.person for one in queries.attendances(check)]
    for one in sent:
        minutes.refuse(
            row, by=one, side="enterprise", why="不认可成绩", witness="孙立", witness_title="园区干部"
        )
        minutes.sign(row, by=one, side="inspector", image=stories.stroke(), digest=row.digest)
    candidate = refused.registration.candidate
    minutes.sign(row, by=candidate, side="examinee", digest=row.digest)


def objected(cast, check, one, other, others):
    """Two objections: one leads to another outcome, new minutes and a correction, one is dismissed; a line is withdrawn."""
    notice = failing.issued(cast, one)
    said = publishing.object_to(one, by=one.registration.candidate, side="examinee", why="第一题有争议", papers=[stories.scan("教材.png")])  # fmt: skip
    publishing.decide(said, by=cast.second, upheld=True, why="第一题答案有误", conclusion="passed")
    failing.confirmed(one)
    publishing.correct(check, by=cast.city, why="异议成立")
    rectifying.revoke(notice, by=cast.city, why="异议成立，不再需要整改")
    proposal = amending.propose(other, by=cast.district, conclusion="failed", why="成绩表写错", points=1)
    amending.decline(proposal, by=cast.city, why="核对原卷，没有写错")
    said = publishing.object_to(other, by=cast.manager, side="enterprise", why="题目超纲")
    publishing.decide(said, by=cast.second, upheld=False, why="复核无误")
    publishing.withdraw(check, by=cast.city, why="本人申请隐去", examinee=other)
    assert publishing_of.of_check(check)[0].number == 2


def rectified(cast, examinee):
    """Served with its proof, more time asked for and given, reported, returned, reported again, accepted, struck off."""
    one = failing.issued(cast, examinee, contact=CONTACT)
    rectifying.serve(one, by=cast.district, how="in_person", served_at=timezone.now(), receiver="赵敏", papers=[stories.scan("回证.png")])  # fmt: skip
    later = one.due_on + timedelta(days=7)
    rectifying.ask_for_time(one, by=cast.manager, until=later, why="讲师出差")
    rectifying.rule_on_time(one, by=cast.district, is_granted=True, why="属实")
    rectifying.report(one, by=cast.manager, measures="已学习", training=[failing.LESSON])
    rectifying.recheck(one, by=cast.district, is_accepted=False, found="没有签到表")
    rectifying.report(one, by=cast.manager, measures=failing.MEASURES, training=[failing.LESSON], papers=[stories.scan("签到表.png")])  # fmt: skip
    rectifying.recheck(one, by=cast.district, is_accepted=True, found="已整改")
    rectifying.strike_off(one, by=cast.city)
