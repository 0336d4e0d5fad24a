"""The day in the room: who came, what happened, what was done about it."""

from django.utils.translation import gettext_lazy as _

from exams.models import Intervention, Termination
from supervision.package_sections.common import files_at, named, people_of
from supervision.packing import records, row_of, section
from supervision.queries import incidents as incident_queries
from supervision.queries import sittings


@section("attendance", _("到场与签到"))
def attendance(pack):
    """Inspectors with their badges, and what was noted of each examinee at the door."""
    rows = [row_of(one, "person", "badge", "at", "by") for one in sittings.attendances(pack.check)]
    yield from records("attendance/inspectors", _("检查人员到场"), rows)
    called = people_of(pack)
    pack.known["sat"] = sat = sittings.sat(called)
    rows = [
        row_of(
            note, "outcome", "how", "why", "noted_at", examinee=one.pk, name=one.registration.candidate.name
        )
        for one in called
        if (note := sat[one.pk].arrival)
    ]
    yield from records("attendance/arrivals", _("应考人员签到"), rows)


@section("incidents", _("考场事件与处置"))
def incidents(pack):
    """What was noted with its photographs and corrections, and whatever was done to a sitting from outside."""
    told = [
        row_of(one, "number", "category", "text", "happened_at", "by", "at", files=files_at(pack, one))
        | named(pack, one.examinee_id)
        | {"corrects": one.corrects.number if one.corrects else None}
        | {"corrected_by": one.correction.number if one.is_corrected else None}
        | ({f"act_{key}": value for key, value in _act(one.act).items()} if one.act else {})
        for one in reversed(incident_queries.incidents(pack.check))
    ]
    yield from records("incidents/incidents", _("考场事件"), told)
    about = {"attempt__registration__examinee__check_of": pack.check}
    whose = {one.registration_id: one.pk for one in people_of(pack)}
    rows = (
        Intervention.objects.filter(**about).select_related("attempt", "by").order_by("attempt_id", "number")
    )
    told = [_whose(pack, whose, one) | _act(one) | row_of(one, "seconds", "link", "seal") for one in rows]
    yield from records("incidents/interventions", _("干预记录"), told)
    rows = (
        Termination.objects.filter(**about).select_related("attempt", "by").order_by("attempt_id", "number")
    )
    told = [_whose(pack, whose, one) | _act(one) | row_of(one, "stopped_clock") for one in rows]
    yield from records("incidents/terminations", _("终止考试记录"), told)


def _act(one):
    return row_of(one, "number", "kind", "why", "by", "at")


def _whose(pack, whose, one):
    return {"attempt": one.attempt_id} | named(pack, whose.get(one.attempt.registration_id))
