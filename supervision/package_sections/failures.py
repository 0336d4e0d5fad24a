"""What followed a fail or an absence: rectification, retakes, decisions, and the end of the case."""

from django.utils.translation import gettext_lazy as _

from audit.log import name_of
from audit.models import AuditEvent
from supervision import presenting_failures
from supervision.models import (
    Decision,
    Extension,
    Outcome,
    Rectification,
    Report,
    Revocation,
    Service,
    SpotCheck,
)
from supervision.package_sections.common import files_at, hung, named, outcomes_of, people_of
from supervision.packing import Piece, both, on_paper, plain, records, row_of, section
from supervision.queries import failures as queries

State = SpotCheck.State


@section("rectifications", _("整改"))
def rectifications(pack):
    """Each notice as data and on paper, its proof of service, the reports with their files, re-checks, more time that was asked for, and revocations."""
    about = {"rectification__check_of": pack.check}
    services = {
        one.rectification_id: one
        for one in Service.objects.filter(**about).select_related("by").order_by("pk")
    }
    told, serials, notices = [], {}, {}
    found = (
        Rectification.objects.filter(check_of=pack.check)
        .told()
        .select_related("unit", "issued_by", "closed_by")
    )
    for one in found.order_by("pk"):
        notices[one.pk] = one
        serials[one.pk] = named(pack, one.examinee_id, serial=one.serial)
        name = f"rectifications/notice-{one.pk}.pdf"
        printed = on_paper(
            pack, presenting_failures.notice, one, services.get(one.pk), printed_by=pack.maker, now=pack.now
        )
        if printed:
            yield Piece(name, one.serial, printed)
        told.append(
            serials[one.pk]
            | row_of(
                one, "facts", "basis", "demands", "missed", "contact", "due_on", "serve_by", "recheck_by", "state", "issued_by",
                "issued_at", "closed_by", "closed_at",
            )
            | {"enterprise": one.enterprise.unit.name, "unit": one.unit.name, "pdf": name if printed else None}
        )  # fmt: skip
    yield from records("rectifications/notices", _("整改通知书"), told)
    told = [
        serials[one.rectification_id]
        | row_of(one, "how", "served_at", "receiver", "receiver_role", "witness", "note", "by", "at", files=files_at(pack, one))
        for one in services.values()
    ]  # fmt: skip
    yield from records("rectifications/services", _("送达回证"), told)
    rows = Report.objects.filter(**about).select_related("by", "recheck__by")
    told = [
        serials[one.rectification_id]
        | row_of(one, "number", "measures", "training", "by", "at", files=files_at(pack, one))
        | hung("recheck", one, "is_accepted", "found", "by", "at")
        for one in rows.order_by("rectification_id", "number")
    ]
    yield from records("rectifications/reports", _("整改报告与复查"), told)
    rows = Extension.objects.filter(**about).select_related("by", "ruling__by")
    told = [
        serials[one.rectification_id]
        | row_of(one, "number", "until", "why", "by", "at")
        | hung("ruling", one, "is_granted", "why", "by", "at")
        for one in rows.order_by("rectification_id", "number")
    ]
    yield from records("rectifications/extensions", _("延期申请"), told)
    told = []
    for row in Revocation.objects.filter(**about).select_related("outcome", "by").order_by("pk"):
        one = notices[row.rectification_id]
        one.revocation = row
        name = f"rectifications/revocation-{one.pk}.pdf"
        printed = on_paper(pack, presenting_failures.revocation, one, printed_by=pack.maker, now=pack.now)
        if printed:
            yield Piece(name, row.serial, printed)
        told.append(
            serials[one.pk]
            | {"revoked": row.serial, "outcome_version": row.outcome.number}
            | row_of(row, "why", "by", "at", pdf=name if printed else None)
        )
    yield from records("rectifications/revocations", _("整改通知书的撤销"), told)


@section("retakes", _("补考"))
def retakes(pack):
    """Each further round with its session, and what came of everybody who was called to it."""
    told = [
        row_of(one, "round", "state", "called_by", "called_at", "concluded_by", "concluded_at")
        | {"session": one.session.code, "place": one.session.place}
        | {"opens_at": plain(one.session.opens_at), "closes_at": plain(one.session.closes_at)}
        for one in queries.retakes(pack.check)
    ]
    yield from records("retakes/retakes", _("补考安排"), told)
    outcomes = outcomes_of(pack)
    told = [
        named(pack, one.pk, round=one.round, session=one.registration.session.code)
        | _came(outcomes.get(one.pk))
        for one in people_of(pack)
        if one.is_retake
    ]
    yield from records("retakes/outcomes", _("补考结果"), told)


def _came(outcome):
    if outcome is None:
        return {"conclusion": ""}
    return row_of(
        outcome, "number", "conclusion", "form", "points", "max_points", "percent", "why", "by", "at"
    )


@section("closure", _("处理决定与归档"))
def closure(pack):
    """What was decided about whoever did not pass in the end, where everybody stands, and the way of the case to its end."""
    check = pack.check
    rows = Decision.objects.filter(check_of=check).select_related("by").order_by("examinee_id", "number")
    told = [
        named(pack, one.examinee_id) | row_of(one, "number", "measure", "why", "by", "at") for one in rows
    ]
    yield from records("closure/decisions", _("处理决定"), told)
    told = [
        named(pack, one.examinee.pk, round=one.examinee.round)
        | {"conclusion": both(Outcome.Conclusion(one.outcome.conclusion).label) if one.outcome else ""}
        | {"is_settled": one.is_settled}
        for one in queries.standings(check, people_of(pack), outcomes_of(pack))
    ]
    yield from records("closure/standings", _("最终情况"), told)
    acts = [f"spotcheck.{state}" for state in State.values]
    rows = AuditEvent.objects.filter(target=name_of(check), action__in=acts, outcome="done").order_by("pk")
    told = [
        {
            "state": one.action.partition(".")[2],
            "state_display": both(State(one.action.partition(".")[2]).label),
        }
        | {"who": one.who, "at": plain(one.at), "why": one.data.get("why", "")}
        for one in rows
    ]
    yield from records("closure/course", _("办理过程"), told)
