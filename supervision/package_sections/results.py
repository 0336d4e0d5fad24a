"""Minutes with whoever signed or refused, and what was published of them."""

from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from supervision.engine.dossier import canonical
from supervision.models import AmendmentProposal, Minutes, Objection, Publication, Withdrawal
from supervision.package_sections.common import files_at, hung, named, round_of
from supervision.packing import CHUNK, PRESSES, Piece, on_paper, plain, records, row_of, section
from supervision.queries import minutes as queries


def stem_of(row):
    """How the files of a version are called in the package."""
    return f"minutes/{row.examinee_id}-v{row.number}"


@section("minutes", _("记录表与签字"))
def minutes(pack):
    """Every version of 《抽查考核记录表》 as it was frozen: the file's SHA-256 is the digest that was signed; signatures and refusals."""
    told, signatures, refusals = [], [], []
    versions = queries.versions_of(pack.check)
    newest = {one.row.examinee_id: one.row for one in versions}
    for one in versions:
        row = one.row
        name = f"{stem_of(row)}.json"
        yield Piece(name, f"{row.serial} v{row.number}", canonical(row.facts).encode())
        printed = on_paper(
            pack,
            PRESSES.get("minutes"),
            one,
            newest[row.examinee_id],
            printed_at=timezone.localtime(pack.now),
            printed_by=pack.maker,
        )
        if printed:
            yield Piece(f"{stem_of(row)}.pdf", f"{row.serial} v{row.number} PDF", printed)
        told.append(
            named(pack, row.examinee_id, round=round_of(pack, row.examinee_id))
            | row_of(row, "serial", "number", "code", "digest", "seal", "why", "by", "at", file=name)
            | {"conclusion": row.facts["conclusion_text"], "is_confirmed": one.standing.is_confirmed}
            | {"pdf": f"{stem_of(row)}.pdf" if printed else None}
        )
        whose = named(pack, row.examinee_id, minutes=row.serial, version=row.number)
        for signature in one.signatures:
            picture = f"minutes/signature-{signature.pk}.png" if signature.image else ""
            if picture and default_storage.exists(signature.path):
                yield Piece(picture, f"{row.serial} {signature.name}", stored(signature.path))
            signatures.append(whose | _signature(signature) | {"picture": picture})
        refusals += [whose | _refusal(refusal) for refusal in one.refusals]
    yield from records("minutes/minutes", _("抽查考核记录表"), told)
    yield from records("minutes/signatures", _("签字"), signatures)
    yield from records("minutes/refusals", _("拒签"), refusals)


def _signature(one):
    told = row_of(one, "side", "title", "at", "by", "address", "device", "digest", "image", "seal")
    return {"signed_name": one.name, "account": one.by_id} | told


def _refusal(one):
    told = row_of(one, "side", "why", "witness", "witness_title", "at", "by", "seal")
    return told | {"account": one.by_id}


def stored(path):
    """A file of the house in pieces."""
    with default_storage.open(path) as file:
        yield from file.chunks(CHUNK)


@section("publications", _("公示、异议与撤下"))
def publications(pack):
    """Every version of what was published, what was taken back, and what was said against it with what was decided."""
    check, told = pack.check, []
    whose = dict(Minutes.objects.filter(examinee__check_of=check).values_list("pk", "examinee"))
    rows = Publication.objects.filter(check_of=check).select_related("by").order_by("round", "number")
    for one in rows:
        name = f"publications/round-{one.round}-v{one.number}.json"
        yield Piece(name, f"{one.code} v{one.number}", canonical(one.rows).encode())
        told.append(
            row_of(one, "round", "number", "code", "digest", "seal", "objections_until", "why", "by", "at", file=name)
            | {"examinees": [whose[key] for key in one.minutes]}
        )  # fmt: skip
    yield from records("publications/publications", _("结果公示"), told)
    rows = Withdrawal.objects.filter(check_of=check).select_related("by").order_by("pk")
    told = [named(pack, one.examinee_id) | row_of(one, "round", "why", "by", "at") for one in rows]
    yield from records("publications/withdrawals", _("撤下公示"), told)
    rows = Objection.objects.filter(examinee__check_of=check).select_related(
        "by", "publication", "decision__by", "decision__outcome"
    )
    told = [
        named(pack, one.examinee_id, publication=str(one.publication))
        | row_of(one, "side", "why", "by", "at", files=files_at(pack, one))
        | _decision(getattr(one, "decision", None))
        for one in rows.order_by("pk")
    ]
    yield from records("publications/objections", _("异议与处理"), told)


def _decision(one):
    if one is None:
        return {}
    told = row_of(one, "upheld", "why", "by", "at")
    told["outcome"] = plain(one.outcome.number) if one.outcome else None
    return {f"decision_{key}": value for key, value in told.items()}


@section("amendments", _("依职权更正"))
def amendments(pack):
    """Outcomes that the organ itself proposed to change, with what another regulator said to it."""
    rows = AmendmentProposal.objects.filter(examinee__check_of=pack.check).select_related(
        "outcome", "by", "ruling__by", "ruling__outcome"
    )
    told = []
    for one in rows.order_by("pk"):
        ruling = getattr(one, "ruling", None)
        told.append(
            named(pack, one.examinee_id, round=round_of(pack, one.examinee_id))
            | row_of(one, "number", "conclusion", "points", "why", "by", "at", files=files_at(pack, one))
            | {"instead_of": one.outcome.number}
            | hung("ruling", one, "is_confirmed", "why", "by", "at")
            | {"outcome_version": ruling.outcome.number if ruling and ruling.outcome else None}
        )
    yield from records("amendments/amendments", _("依职权更正"), told)
