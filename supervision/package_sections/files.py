"""Whatever hangs on all of it: the files and the lines of the log."""

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext_lazy as _

from accounts.planning import chunks
from audit.labels import label_of
from audit.log import name_of
from audit.models import AuditEvent, AuditSeal
from exams.models import Attempt, Registration
from supervision.models import Examinee, FrameLine, SpotCheck
from supervision.package_sections.common import evidence_of, is_given, place_of
from supervision.package_sections.results import stored
from supervision.packing import Piece, both, plain, records, row_of, section

# By which way a row of this floor belongs to a case; the log is read for everything that does.
WAYS = (
    "check_of",
    "draw__check_of",
    "examinee__check_of",
    "result__examinee__check_of",
    "out__draw__check_of",
    "minutes__examinee__check_of",
    "notice__examinee__check_of",
    "request__examinee__check_of",
    "objection__examinee__check_of",
    "rectification__check_of",
    "report__rectification__check_of",
    "extension__rectification__check_of",
)
SILENT = {FrameLine}  # the log names none of them, and a city has thousands


@section("evidence", _("证据文件"))
def files(pack):
    """All files of the case as they were uploaded; scanned answer sheets once the exam is over."""
    told = []
    for one in evidence_of(pack):
        is_here = is_given(pack, one)
        told.append(
            row_of(one, "subject", "name", "kind", "size", "digest", "by", "at", file=place_of(one) if is_here else None)
        )  # fmt: skip
        if is_here:
            yield Piece(place_of(one), one.name, stored(one.path))
    yield from records("evidence/files", _("证据文件目录"), told)


@section("log", _("操作日志"))
def log(pack):
    """The lines of the log about anything of the case, and the seals that cover them."""
    found = []
    for some in chunks(targets(pack.check)):
        found += AuditEvent.objects.filter(target__in=some)
    found.sort(key=lambda one: one.pk)
    seals = list(AuditSeal.objects.filter(last_id__gte=found[0].pk).order_by("number")) if found else []
    told, at = [], 0
    for one in found:
        while at < len(seals) and seals[at].last_id < one.pk:
            at += 1
        told.append(
            {"id": one.pk, "at": plain(one.at), "who": one.who, "action": one.action, "action_display": both(label_of(one.action))}
            | row_of(one, "target_label", "target", "outcome", "data")
            | {"seal": seals[at].number if at < len(seals) else None}
            | ({"address": one.address} if pack.full else {})
        )  # fmt: skip
    yield from records("log/events", _("操作日志"), told)
    used = {one["seal"] for one in told}
    rows = [
        row_of(one, "at", "last_id", "count", "digest", number=one.number)
        for one in seals
        if one.number in used
    ]
    yield from records("log/seals", _("日志封存"), rows)


def targets(check):
    """How the log names whatever belongs to a case: the rows of this floor that hang on it, its sessions and their attempts."""
    found = {name_of(check)}
    for model in set(apps.get_app_config("supervision").get_models()) - SILENT:
        for way in WAYS:
            if _leads(model, way):
                keys = model._default_manager.filter(**{way: check}).order_by().values_list("pk", flat=True)
                found |= {f"{model._meta.label_lower}:{pk}" for pk in keys}
    registrations = Registration.objects.filter(
        examinee__in=Examinee.objects.filter(check_of=check)
    ).order_by()
    told = list(registrations.values_list("pk", "session"))
    found |= {f"exams.registration:{pk}" for pk, _session in told}
    found |= {f"exams.examsession:{session}" for _pk, session in told}
    for some in chunks(pk for pk, _session in told):
        attempts = Attempt.objects.filter(registration__in=some).order_by().values_list("pk", flat=True)
        found |= {f"exams.attempt:{pk}" for pk in attempts}
    return sorted(found)


def _leads(model, way):
    """Whether a way of relations begins at a model and ends at a case."""
    for name in way.split("__"):
        try:
            model = model._meta.get_field(name).related_model
        except FieldDoesNotExist:
            return False
        if model is None:
            return False
    return model is SpotCheck
