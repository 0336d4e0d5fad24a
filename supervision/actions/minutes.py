"""From an outcome to its confirmation: minutes are drawn up, signed on the screen or refused before two inspectors."""

import secrets

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import papers, rasters, records
from accounts.models import RecordKind
from audit.append import append
from audit.context import acting
from audit.log import record, record_many
from audit.transitions import Refused
from exams.actions import release
from exams.models import Attempt
from supervision import rules
from supervision.actions.checks import locked, next_number
from supervision.models import Minutes, Outcome, Refusal, Side, Signature
from supervision.queries import minutes as queries
from supervision.queries import sittings

SERIES = "minutes"
LARGEST = 300 * 1024  # of a signature's picture
MOST_SIDE = 2400  # pixels


@transaction.atomic
def draw_up(check, *, by, now=None):
    """Draw up the minutes that are wanting: of each outcome that no version tells of yet. A second time adds nothing."""
    now, check = now or timezone.now(), locked(check)
    if reason := rules.why_not_draw_up(check):
        raise Refused(reason)
    people = list(sittings.examinees(check).select_related(*_MORE).prefetch_related(_CATEGORIES))
    outcomes, known = sittings.outcomes_of(people), queries.of_check(check)
    due = [one for one in people if queries.is_due(outcomes.get(one.pk), known.get(one.pk))]
    return _write(check, due, outcomes, known, by=by, now=now)


_MORE = ("drawn__draw",)
_CATEGORIES = "registration__post__enterprise__categories"


@transaction.atomic
def renew(examinee, *, by, why, now=None):
    """Draw up the next version of somebody's minutes because a fact has changed; nothing that is signed counts for it."""
    now, check, why = now or timezone.now(), locked(examinee.check_of), why.strip()
    if reason := rules.why_not_draw_up(check):
        raise Refused(reason)
    if not why:
        raise Refused(_("请写明制作新版本的原因。"))
    known = queries.newest_of(examinee)
    if known is None:
        raise Refused(_("还没有记录表，请先制作。"))
    outcomes = sittings.outcomes_of([examinee])
    facts = queries.facts_of(check, [examinee], outcomes)[examinee.pk]
    if not queries.is_due(outcomes[examinee.pk], known) and _same(known.row.facts, facts):
        raise Refused(_("记录表的内容没有任何变化，未增加新版本。"))
    return _write(check, [examinee], outcomes, {examinee.pk: known}, by=by, now=now, why=why)[0]


def follow(examinee, outcome, *, by, now):
    """After another outcome: the next version of the minutes, if there are any, with the outcome's reason."""
    known = queries.newest_of(examinee)
    if known is None:
        return None
    made = _write(examinee.check_of, [examinee], {examinee.pk: outcome}, {examinee.pk: known}, by=by, now=now)
    return made[0]


def _same(before, facts):
    return {name: before.get(name) for name in facts} == facts


def _write(check, people, outcomes, known, *, by, now, why=""):
    told = queries.facts_of(check, people, outcomes)
    rows = []
    for one in people:
        last = known.get(one.pk)
        serial = last.row.serial if last else _serial(check)
        row = Minutes(
            examinee_id=one.pk,
            number=last.row.number + 1 if last else 1,
            serial=serial,
            code=secrets.token_hex(10),
            outcome_id=outcomes[one.pk].pk,
            why=(why or outcomes[one.pk].why or _("结果更改"))[:200] if last else "",
            by_id=by.pk if by else None,
            at=now,
        )
        row.facts = {"serial": serial, "version": row.number, "code": row.code, **told[one.pk]}
        row.digest = queries.digest_of(row.facts)
        row.seal = queries.seal_of_minutes(row)
        rows.append(row)
    append(rows)
    acts = [("minutes.drawn_up", row, {"digest": row.digest, "why": row.why}) for row in rows]
    if acts:
        record_many(acts, by=by)
    return rows


def _serial(check):
    return f"抽查记录〔{check.year}〕{next_number(SERIES, check.unit, check.year)}号"


def picture(data):
    """The clean picture of a signature, or a refusal."""
    if len(data) > LARGEST:
        raise Refused(_("签字图片过大，请重新签字。"))
    if rasters.sniff(data) != "png":
        raise Refused(_("没有收到签字，请在框内签名后再提交。"))
    data, width, height = rasters.clean(data, "png")
    if max(width, height) > MOST_SIDE:
        raise Refused(_("签字图片过大，请重新签字。"))
    return papers.prepare(data, "signature.png")


@transaction.atomic
def sign(minutes, *, by, side, name="", title="", image=b"", digest, device="", now=None):
    """Sign the newest version: in one's own name, or on an inspector's screen by whoever stands before it.

    `image` is the drawn picture; without one the typed name stands for it. `digest` is of the version that was on the screen.
    """
    now = now or timezone.now()
    check = locked(minutes.examinee.check_of)
    row = Minutes.objects.select_related(*queries.RELATED).get(pk=minutes.pk)
    own, attendance = queries.sides_of(by, row)
    found = queries.newest_of(row.examinee)
    if reason := rules.why_not_sign(check, row, found, side, own, attendance, by):
        raise Refused(reason)
    if digest != row.digest:
        raise Refused(_("记录表在您查看之后有了新版本，请核对后再签。"))
    if side == Side.EXAMINEE:
        name = row.examinee.registration.candidate.name
    elif side in own:
        name = by.name
    name, title = name.strip()[:60], title.strip()[:40]
    if not name:
        raise Refused(_("请写明签字人的姓名。"))
    kept = picture(image) if image else None
    signature = Signature(
        minutes=row,
        side=side,
        attendance=attendance if side == Side.INSPECTOR else None,
        name=name,
        title=title,
        image=kept.digest if kept else "",
        by=by,
        at=now,
        address=acting().address or "",
        device=device[:200],
        digest=row.digest,
    )
    signature.seal = queries.seal_of_signature(signature)
    signature.save(force_insert=True)
    if kept and not default_storage.exists(kept.path):
        default_storage.save(kept.path, ContentFile(kept.data))
    record("minutes.signed", row, by=by, side=side, name=name, digest=row.digest, drawn=bool(kept))
    _confirmed(row, queries.also(found, signature=signature), by=by)
    return signature


@transaction.atomic
def refuse(minutes, *, by, side, why="", witness="", witness_title="", now=None):
    """Write down as an inspector that somebody refused to sign; the second inspector's word, with the same reason and witness, makes it count."""
    now = now or timezone.now()
    check = locked(minutes.examinee.check_of)
    row = Minutes.objects.select_related(*queries.RELATED).get(pk=minutes.pk)
    attendance = sittings.attendances(check).filter(person=by).first()
    found = queries.newest_of(row.examinee)
    if reason := rules.why_not_refuse(check, row, found, side, attendance):
        raise Refused(reason)
    before = next((one for one in found.refusals if one.side == side), None)
    if before:
        why, witness, witness_title = before.why, before.witness, before.witness_title
    why, witness, witness_title = why.strip()[:200], witness.strip()[:60], witness_title.strip()[:60]
    if not (why and witness and witness_title):
        raise Refused(_("请写明拒签原因、见证人姓名和身份。"))
    told = Refusal(
        minutes=row, side=side, attendance=attendance, why=why, witness=witness, witness_title=witness_title, by=by, at=now
    )  # fmt: skip
    told.seal = queries.seal_of_refusal(told)
    told.save(force_insert=True)
    record("minutes.refused", row, by=by, side=side, why=why, witness=witness)
    _confirmed(row, queries.also(found, refusal=told), by=by)
    return told


def _confirmed(row, found, *, by):
    """Once nothing is missing: the result enters the personnel file, and the candidate sees it."""
    if not found.standing.is_confirmed:
        return
    record("minutes.confirmed", row, by=by, digest=row.digest)
    outcome, facts = row.outcome, row.facts
    records.enter(
        row.examinee.registration.candidate,
        f"examinee:{row.examinee_id}",
        kind=RecordKind.SPOT_CHECK,
        occurred_on=facts["on"],
        title=facts["check"]["name"],
        facts={
            "serial": row.serial,
            "version": row.number,
            "digest": row.digest,
            "conclusion": outcome.conclusion,
            "round": row.examinee.round,
            "points": str(outcome.points) if outcome.points is not None else "",
            "max_points": str(outcome.max_points) if outcome.max_points is not None else "",
            "organ": facts["organ"],
            "enterprise": facts["enterprise"]["name"],
            "uscc": facts["enterprise"]["uscc"],
            "post_kind": row.examinee.registration.post.kind,
        },
    )
    if outcome.attempt_id and outcome.conclusion in (Outcome.Conclusion.PASSED, Outcome.Conclusion.FAILED):
        release.release_confirmed(Attempt.objects.get(pk=outcome.attempt_id))
