"""The notice to put things right: issued, served, reported on, looked after, struck off the list."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import records
from accounts.models import RecordKind
from audit.append import append
from audit.log import record
from audit.transitions import Refused, move
from supervision import calendar, followup
from supervision.actions.checks import locked, next_number
from supervision.actions.evidence import attach
from supervision.models import Extension, ExtensionRuling, Recheck, Rectification, Report, Revocation, Service
from supervision.queries import minutes, sittings

RECTIFICATION, REVOCATION = "rectification", "revocation"  # series of numbers
MOST_LESSONS = 20
State = Rectification.State


def held(rectification):
    """The notice as it is now, under the lock of its case."""
    check = locked(rectification.check_of)
    found = Rectification.objects.told().get(pk=rectification.pk)
    found.check_of = check
    return found


def enter(rectification, *, by, now, **more):
    """What the person's file says of a notice about her."""
    with translation.override("zh-hans"):
        records.enter(
            rectification.person,
            f"rectification:{rectification.pk}",
            kind=RecordKind.SPOT_CHECK,
            occurred_on=timezone.localdate(now),
            title=f"{rectification.serial}：{rectification.get_state_display()}",
            facts={
                "check": rectification.check_of.serial,
                "serial": rectification.serial,
                "state": rectification.state,
                "due_on": rectification.due_on.isoformat(),
                "enterprise": rectification.enterprise.unit.name,
                "uscc": rectification.enterprise.uscc,
            }
            | more,
            by=by,
        )


@transaction.atomic
def issue(examinee, *, by, facts, demands, contact, now=None):
    """Issue the notice about an examinee whose outcome needs it; it gets the next number of its organ and year."""
    now = now or timezone.now()
    check = examinee.check_of = locked(examinee.check_of)
    outcome = sittings.outcomes_of([examinee]).get(examinee.pk)
    known = Rectification.objects.filter(examinee=examinee).in_force().first()
    if reason := followup.why_not_issue(examinee, outcome, known, minutes.newest_of(examinee)):
        raise Refused(reason)
    facts, demands, contact = facts.strip(), demands.strip(), contact.strip()
    if not (facts and demands and contact):
        raise Refused(_("请写明查明的情况、整改要求和联系人。"))
    today, profile = timezone.localdate(now), check.profile
    made = Rectification.objects.create(
        check_of=check,
        examinee=examinee,
        outcome=outcome,
        unit=check.unit,
        year=today.year,
        number=next_number(RECTIFICATION, check.unit, today.year),
        facts=facts,
        basis=profile.legal_basis,
        demands=demands,
        missed=[row["topic"] for row in outcome.missed],
        contact=contact[:80],
        due_on=calendar.due(today, profile.rectify_days)[0],
        serve_by=calendar.due(today, profile.serve_days)[0],
        issued_by=by,
        issued_at=now,
    )
    record("rectification.issued", made, by=by, due_on=made.due_on.isoformat())
    enter(made, by=by, now=now)
    return made


@transaction.atomic
def serve(rectification, *, by, how, served_at, receiver="", receiver_role="", witness="", note="", papers=(), now=None):  # fmt: skip
    """Note how, when and to whom a notice was given; left at the place it needs a witness."""
    now, one = now or timezone.now(), held(rectification)
    if reason := followup.why_not_serve(one):
        raise Refused(reason)
    receiver, witness = receiver.strip(), witness.strip()
    if how == Service.How.LEFT and not witness:
        raise Refused(_("留置送达须有见证人，请写明其姓名和身份。"))
    if how != Service.How.LEFT and not receiver:
        raise Refused(_("请写明收件人。"))
    if served_at > now + timedelta(minutes=1) or timezone.localdate(served_at) < timezone.localdate(one.issued_at):  # fmt: skip
        raise Refused(_("送达时间应在发出之后、现在之前。"))
    [proof] = append([
        Service(
            rectification_id=one.pk, how=how, served_at=served_at, receiver=receiver[:60], receiver_role=receiver_role.strip()[:60],
            witness=witness[:80], note=note.strip()[:200], by_id=by.pk, at=now,
        )
    ])  # fmt: skip
    if papers:
        attach(one.check_of, proof, papers, by=by)
    move(one, to=State.SERVED, by=by, facts={"how": how})
    enter(one, by=by, now=now)
    return one


def acknowledge(rectification, *, by, now=None):
    """The enterprise's manager has read the notice in the system and says so; her login and the time are the proof."""
    now = now or timezone.now()
    return serve(
        rectification, by=by, how=Service.How.SYSTEM, served_at=now, receiver=by.name, receiver_role="企业管理员", now=now
    )  # fmt: skip


@transaction.atomic
def report(rectification, *, by, measures, training=(), papers=(), now=None):
    """The enterprise reports what it did; from now on the organ has so many working days to look after it."""
    now, one = now or timezone.now(), held(rectification)
    if reason := followup.why_not_report(one):
        raise Refused(reason)
    if not measures.strip():
        raise Refused(_("请写明整改措施。"))
    made = Report.objects.create(
        rectification=one,
        number=one.reports.count() + 1,
        measures=measures.strip(),
        training=list(training)[:MOST_LESSONS],
        by=by,
        at=now,
    )
    if papers:
        attach(one.check_of, made, papers, by=by)
    until, _remark = calendar.due(timezone.localdate(now), one.check_of.profile.recheck_days)
    move(one, to=State.REPORTED, by=by, recheck_by=until, facts={"number": made.number})
    enter(one, by=by, now=now)
    return one


@transaction.atomic
def recheck(rectification, *, by, is_accepted, found, now=None):
    """Look after the last report: accept it, or return it with the reason."""
    now, one, found = now or timezone.now(), held(rectification), found.strip()
    if reason := followup.why_not_recheck(one):
        raise Refused(reason)
    if not found:
        raise Refused(_("请写明复查意见；退回的，写明还要补正什么。"))
    last = one.reports.order_by("-number").first()
    append([Recheck(report_id=last.pk, is_accepted=is_accepted, found=found[:500], by_id=by.pk, at=now)])
    move(one, to=State.ACCEPTED if is_accepted else State.RETURNED, by=by, why=found[:200])
    enter(one, by=by, now=now)
    return one


@transaction.atomic
def ask_for_time(rectification, *, by, until, why, now=None):
    """The enterprise asks for more time, with the reason."""
    now, one, why = now or timezone.now(), held(rectification), why.strip()
    if reason := followup.why_not_ask_for_time(one, open_request(one)):
        raise Refused(reason)
    if not why:
        raise Refused(_("请写明延期的理由。"))
    if until <= max(one.due_on, timezone.localdate(now)):
        raise Refused(_("申请延至的日期应晚于现在的期限 %(day)s 和今天。") % {"day": one.due_on})
    made = Extension.objects.create(
        rectification=one, number=one.extensions.count() + 1, until=until, why=why[:300], by=by, at=now
    )
    record("rectification.time_asked", one, by=by, until=until.isoformat(), why=why)
    return made


def open_request(rectification):
    """The request for more time that was not ruled on, or None."""
    return rectification.extensions.filter(ruling__isnull=True).first()


@transaction.atomic
def rule_on_time(rectification, *, by, is_granted, why, now=None):
    """Give more time as it was asked for, or refuse it, with the reason."""
    now, one, why = now or timezone.now(), held(rectification), why.strip()
    if reason := followup.why_not_rule_on_time(one):
        raise Refused(reason)
    asked = open_request(one)
    if asked is None:
        raise Refused(_("没有等待答复的延期申请。"))
    if not why:
        raise Refused(_("请写明同意或不同意的理由。"))
    append(
        [ExtensionRuling(extension_id=asked.pk, is_granted=is_granted, why=why[:300], by_id=by.pk, at=now)]
    )
    if is_granted:
        Rectification.objects.filter(pk=one.pk).update(due_on=asked.until)
    record("rectification.time_ruled", one, by=by, granted=is_granted, before=one.due_on.isoformat(), until=asked.until.isoformat(), why=why)  # fmt: skip
    if is_granted:
        one.due_on = asked.until
        enter(one, by=by, now=now)
    return one


@transaction.atomic
def strike_off(rectification, *, by, now=None):
    """Strike a notice off the list, as another person than who accepted the report."""
    now, one = now or timezone.now(), held(rectification)
    last = Recheck.objects.filter(report__rectification=one, is_accepted=True).first()
    if reason := followup.why_not_strike_off(one, last.by_id if last else None, by):
        raise Refused(reason)
    move(one, to=State.CLOSED, by=by, closed_by=by, closed_at=now)
    enter(one, by=by, now=now)
    return one


@transaction.atomic
def revoke(rectification, *, by, why, now=None):
    """Revoke a notice whose outcome was changed to one that asks for nothing, as another person than who issued it, with the reason."""
    now, one, why = now or timezone.now(), held(rectification), why.strip()
    if reason := followup.why_not_revoke(one, by):
        raise Refused(reason)
    if not why:
        raise Refused(_("请写明撤销的理由。"))
    year = timezone.localdate(now).year
    made = Revocation.objects.create(
        rectification=one,
        outcome=sittings.outcomes_of([one.examinee])[one.examinee_id],
        unit=one.check_of.unit,
        year=year,
        number=next_number(REVOCATION, one.check_of.unit, year),
        why=why[:300],
        by=by,
        at=now,
    )
    move(one, to=State.REVOKED, by=by, why=made.why, facts={"serial": made.serial})
    enter(one, by=by, now=now, revocation=made.serial, why=made.why)
    return one


def draft(examinee, outcome):
    """What a notice may say, in Chinese as it is printed, to be looked through before it is issued: (facts, demands)."""
    post, name = examinee.registration.post, examinee.registration.candidate.name
    with translation.override("zh-hans"):
        facts = f"在{examinee.check_of.serial}中，你单位{post.get_kind_display()}{name}的结果为{outcome.get_conclusion_display()}。"
    if outcome.points is not None:
        facts += f"得分 {outcome.points.normalize():f} 分（满分 {outcome.max_points.normalize():f} 分）。"
    topics = "、".join(row["topic"] for row in outcome.missed) or "岗位应知应会的全部内容"
    demands = f"一、查明原因，落实质量安全主体责任。\n二、组织{name}补训：{topics}。\n三、按通知参加补考。"
    return facts, demands
