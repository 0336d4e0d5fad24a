"""Reads of minutes: which version counts, who has signed it, what it says, and whether a round may be published."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC

from django.db.models import Count
from django.utils import timezone, translation

from accounts import vault
from audit.log import name_of
from exams.models import PaperItem
from exams.rules import minute
from supervision import calendar
from supervision.engine import minutes as engine
from supervision.engine.dossier import canonical
from supervision.engine.draw import sha256
from supervision.models import Evidence, Examinee, Minutes, Outcome, Refusal, Signature, SpotCheck
from supervision.queries import sittings

RELATED = (
    "outcome",
    "examinee__check_of__unit",
    "examinee__check_of__profile",
    "examinee__registration__candidate",
    "examinee__registration__session",
    "examinee__registration__post__enterprise__unit",
)


def digest_of(thing):
    """The SHA-256 of frozen fields in their one spelling."""
    return sha256(canonical(thing))


def seal_of(kind, *told):
    """The house's keyed hash over what a row says; without the key nobody makes it anew."""
    return vault.fingerprint(kind, canonical([str(one) for one in told]))


def _moment(at):
    return at.astimezone(UTC).isoformat()


def seal_of_minutes(row):
    """The seal that belongs to a version."""
    return seal_of("minutes", row.examinee_id, row.number, row.serial, row.code, row.outcome_id, row.digest, row.why, _moment(row.at))  # fmt: skip


def seal_of_signature(row):
    """The seal that belongs to a signature: picture, time, account, name, address, device and the digest that was signed."""
    return seal_of(
        "signature", row.minutes_id, row.side, row.attendance_id, row.name, row.title, row.image, row.by_id,
        _moment(row.at), row.address, row.device, row.digest,
    )  # fmt: skip


def seal_of_refusal(row):
    """The seal that belongs to one inspector's word of a refusal."""
    return seal_of(
        "refusal", row.minutes_id, row.side, row.attendance_id, row.why, row.witness, row.witness_title, row.by_id,
        _moment(row.at),
    )  # fmt: skip


def seal_of_publication(row):
    """The seal that belongs to a version of what is published."""
    return seal_of(
        "publication", row.check_of_id, row.round, row.number, row.code, row.minutes, row.digest, row.why, row.by_id, _moment(row.at)
    )  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """A version with who signed it, and how far it is."""

    row: Minutes
    signatures: tuple
    refusals: tuple
    standing: engine.Standing

    def confirms(self, outcome):
        """Whether an outcome, by its key, is what they say and both sides signed or the refusal is on record."""
        return self.row.outcome_id == outcome and self.standing.is_confirmed


def each(rows):
    """Versions with what hangs on each: [Kept]; two queries, however many they are."""
    rows = list(rows)
    signatures, refusals = defaultdict(list), defaultdict(list)
    for found, into in ((Signature, signatures), (Refusal, refusals)):
        related = found.objects.filter(minutes__in=rows).select_related("attendance__person", "by")
        for one in related.order_by("pk"):
            into[one.minutes_id].append(one)
    return [Kept(row, tuple(signatures[row.pk]), tuple(refusals[row.pk]), _standing(row, signatures[row.pk], refusals[row.pk])) for row in rows]  # fmt: skip


def also(kept, signature=None, refusal=None):
    """What hangs on a version once this word more was given; nothing is read again."""
    signatures = (*kept.signatures, signature) if signature else kept.signatures
    refusals = (*kept.refusals, refusal) if refusal else kept.refusals
    return Kept(kept.row, signatures, refusals, _standing(kept.row, signatures, refusals))


def kept(rows):
    """Versions of different examinees with what hangs on them: {examinee's key: Kept}."""
    return {one.row.examinee_id: one for one in each(rows)}


def versions_of(check):
    """Every version that there ever was of the minutes of a check, with what hangs on each."""
    rows = Minutes.objects.filter(examinee__check_of=check).select_related(*RELATED, "by")
    return each(rows.order_by("examinee__round", "examinee_id", "number"))


def _standing(row, signatures, refusals):
    return engine.standing(
        row.outcome.conclusion,
        [(one.side, one.attendance_id) for one in signatures],
        [(one.side, one.attendance_id) for one in refusals],
        row.examinee.check_of.profile.inspectors_least,
    )


def of_check(check, round=None):
    """The newest minutes of the examinees of a check that count: {examinee's key: Kept}."""
    found = Examinee.objects.filter(check_of=check).counting()
    return of(found if round is None else found.filter(round=round))


def of(examinees):
    """The newest minutes of these examinees: {examinee's key: Kept}."""
    return kept(Minutes.objects.newest().filter(examinee__in=examinees).select_related(*RELATED))


def newest_of(examinee):
    """The newest minutes of one examinee with what hangs on them, or None."""
    return of([examinee]).get(examinee.pk)


def is_due(outcome, kept):
    """Whether an outcome has no minutes that say it yet."""
    return outcome is not None and (kept is None or kept.row.outcome_id != outcome.pk)


# --- What minutes say -------------------------------------------------------------------------------------------------


def facts_of(check, examinees, outcomes):
    """The fields of 《抽查考核记录表》 of each, in Chinese: {examinee's key: fields}; the queries do not depend on how many they are."""
    inspectors = [
        {"name": one.person.name, "badge": one.badge, "at": minute(one.at)}
        for one in sittings.attendances(check)
    ]
    papers = _papers(outcomes)
    files = defaultdict(list)
    for one in Evidence.objects.filter(subject__in=[name_of(row) for row in examinees]).order_by("pk"):
        files[one.subject].append({"name": one.name, "digest": one.digest})
    retakes = _retakes(examinees)
    with translation.override("zh-hans"):
        return {
            row.pk: _facts(check, row, outcomes[row.pk], inspectors, papers, files[name_of(row)], retakes[row.pk])
            for row in examinees
        }  # fmt: skip


def _papers(outcomes):
    """{paper's key: how many questions} of what was sat."""
    papers = [row.attempt.paper_id for row in outcomes.values() if row.attempt_id]
    counts = PaperItem.objects.filter(paper__in=papers).values_list("paper").annotate(Count("pk"))
    return dict(counts.order_by())


def _retakes(examinees):
    """{examinee's key: the later rounds of the same person}, as they stand."""
    later = defaultdict(list)
    rows = list(
        Examinee.objects.filter(drawn__in=[row.drawn_id for row in examinees], round__gt=0).select_related(
            "registration__session"
        )
    )
    outcomes = sittings.outcomes_of(rows)
    for one in sorted(rows, key=lambda row: row.round):
        outcome = outcomes.get(one.pk)
        later[one.drawn_id].append(
            {
                "round": one.round,
                "on": f"{timezone.localdate(one.registration.session.opens_at):%Y-%m-%d}",
                "conclusion": str(outcome.get_conclusion_display()) if outcome else "",
            }
        )
    return {row.pk: [one for one in later[row.drawn_id] if one["round"] > row.round] for row in examinees}


def _facts(check, examinee, outcome, inspectors, papers, files, retakes):
    registration = examinee.registration
    post, session, person = registration.post, registration.session, registration.candidate
    enterprise, draw, attempt = post.enterprise, examinee.drawn.draw, outcome.attempt
    full = outcome.max_points
    needs = outcome.conclusion in Outcome.NEEDS_RECTIFYING
    sat_on = attempt.started_at if attempt else session.opens_at
    return {
        "form": "抽查考核记录表",
        "organ": check.unit.name,
        "check": {"serial": check.serial, "name": check.name},
        "inspectors": inspectors,
        "on": f"{timezone.localdate(sat_on):%Y-%m-%d}",
        "place": session.place or check.place,
        "mode": f"{check.get_mode_display()}，{outcome.get_form_display()}",
        "enterprise": {
            "name": enterprise.unit.name,
            "uscc": enterprise.uscc,
            "trade": enterprise.trade,
            "categories": "、".join(str(one) for one in enterprise.categories.all()),
            "risk": str(enterprise.get_risk_display()),
        },
        "person": {
            "name": person.name,
            "id_mask": person.id_mask,
            "post": str(post.get_kind_display()),
            "appointed_on": f"{post.appointed_on:%Y-%m-%d}",
        },
        "draw": {"how": "双随机抽取（名单冻结、承诺、公开数三步，可公开复核）", "code": draw.code},
        "round": examinee.round,
        "paper": {
            "number": str(attempt.paper) if attempt and attempt.paper_id else "",
            "questions": papers.get(attempt.paper_id) if attempt else None,
            "max_points": _plain(full),
            "cut": _plain(full * check.profile.cut_score / 100) if full is not None else "",
            "cut_percent": _plain(check.profile.cut_score),
        },
        "points": _plain(outcome.points),
        "conclusion": outcome.conclusion,
        "conclusion_text": str(outcome.get_conclusion_display()),
        "missed": [row["topic"] for row in outcome.missed],
        "rectify": _rectify(check) if needs else "",
        "retake": retakes,
        "retakes_allowed": check.profile.retakes if needs else 0,
        "remarks": outcome.why,
        "attachments": files,
    }


def _rectify(check):
    """What a fail or an absence asks of the enterprise; the day counts from the end of the check until a notice sets another."""
    days = check.profile.rectify_days
    on = timezone.localdate(check.concluded_at) if check.concluded_at else check.ends_on
    due, _remark = calendar.due(on, days)
    return (
        f"限期整改并安排补考，期限 {days} 个工作日，不迟于 {due:%Y-%m-%d}；另有整改通知书的，以通知书为准。"
    )


def _plain(number):
    return "" if number is None else f"{number.normalize():f}"


# --- Who may see ------------------------------------------------------------------------------------------------------


def seen_by(user):
    """Minutes that somebody may open: about herself, about her enterprise's people, of checks that she supervises or inspects."""
    return hers(user) | Minutes.objects.run_by(user)


def hers(user):
    """Minutes on which somebody is asked for her word: as examinee, for her enterprise, as inspector."""
    rows = Minutes.objects
    return rows.of(user) | rows.managed_by(user) | rows.inspected_by(user)


def waiting_for(user):
    """The newest minutes about a person herself that she has neither signed nor refused to sign."""
    return (
        Minutes.objects.newest()
        .of(user)
        .filter(examinee__check_of__state__in=(SpotCheck.State.CONCLUDED, SpotCheck.State.PUBLISHED))
        .exclude(outcome__conclusion__in=engine.DID_NOT_COME)
        .exclude(pk__in=Signature.objects.filter(side=engine.EXAMINEE).values("minutes"))
        .exclude(pk__in=Refusal.objects.filter(side=engine.EXAMINEE).values("minutes"))
        .order_by("-at")
    )


def sides_of(user, row):
    """As whom somebody may sign a version in her own name: her sides, and her attendance if she inspects."""
    here = sittings.attendances(row.examinee.check_of).filter(person=user).first()
    found = {
        engine.EXAMINEE: row.examinee.registration.candidate_id == user.pk,
        engine.ENTERPRISE: Minutes.objects.managed_by(user).filter(pk=row.pk).exists(),
        engine.INSPECTOR: here is not None,
    }
    return [side for side, held in found.items() if held], here


def overdue(user, today):
    """Concluded checks of a person's organs that should have been published by now: [(check, day)]."""
    waiting = SpotCheck.objects.run_by(user).filter(state=SpotCheck.State.CONCLUDED).select_related("profile")
    found = [(check, due_of(check)[0]) for check in waiting.order_by("concluded_at")]
    return [(check, day) for check, day in found if day < today]


def due_of(check):
    """By which day the results of a check are to be published, and the calendar's remark: from its conclusion, before it from its last day."""
    on = timezone.localdate(check.concluded_at) if check.concluded_at else check.ends_on
    return calendar.due(on, check.profile.publish_days)
