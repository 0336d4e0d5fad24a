"""Evidence packages: asked for with a reason, made at once or in the background, kept a few days."""

import tempfile
import time
from pathlib import Path

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exporting import SHORTEST_REASON
from accounts.planning import chunks
from accounts.reach import Places, Reach, places_of
from audit.log import record
from audit.transitions import Refused, move
from supervision import packing
from supervision.models import EvidencePackage, Examinee, Minutes
from supervision.queries.packages import room

KEPT_DAYS = 3
# Beyond these nobody waits in front of the page; a document on paper takes about a third of a second.
LARGE_BYTES, LARGE_PEOPLE, LARGE_DOCUMENTS = 32 * 1024 * 1024, 100, 30
State = EvidencePackage.State


def sweep():
    """Throw away what is older than its days; rows and digests stay."""
    oldest = time.time() - KEPT_DAYS * 86_400
    for path in room().iterdir():
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
        except FileNotFoundError:
            continue  # somebody else was sweeping too


def is_large(check):
    """Whether the package of a case takes longer than somebody waits."""
    size = check.evidence.aggregate(size=Sum("size"))["size"] or 0
    people = Examinee.objects.filter(check_of=check).count()
    documents = Minutes.objects.filter(examinee__check_of=check).count() + check.rectifications.count()
    return size > LARGE_BYTES or people > LARGE_PEOPLE or documents > LARGE_DOCUMENTS


@transaction.atomic
def ask(check, *, by, why, full=False):
    """Note that a package is wanted, with the reason."""
    why = why.strip()
    if len(why) < SHORTEST_REASON:
        raise Refused(_("请写明证据包的用途，至少 4 个字。"))
    package = EvidencePackage.objects.create(
        check_of=check, by=by, why=why[:200], full=full, parts=len(packing.SECTIONS)
    )
    record("package.asked", package, by=by, full=full, why=why[:200])
    return package


def make(package, *, now=None):
    """Make a package that waits and keep it; what is half written is thrown away. Full ones are never kept, see `make_full`."""
    sweep()
    draft = tempfile.NamedTemporaryFile(dir=room(), prefix="draft-", delete=False)  # noqa: SIM115 - renamed once it is whole
    try:
        with draft as file:
            built = _build(package, file, now)
            size = file.tell()
        name = f"{package.check_of.code}-{package.pk}.zip"
        Path(draft.name).rename(room() / name)
        return _done(package, built, size, name)
    except BaseException:
        Path(draft.name).unlink(missing_ok=True)
        fail(package)
        raise


def make_full(package, *, now=None):
    """A package with full numbers, as an open file that nobody else can reach and nothing keeps."""
    file = tempfile.TemporaryFile(dir=room())  # noqa: SIM115 - it is closed when it was sent
    try:
        built = _build(package, file, now)
        _done(package, built, file.tell(), "")
    except BaseException:
        file.close()
        fail(package)
        raise
    file.seek(0)
    return file


def fail(package):
    """Note that a package did not come about."""
    if EvidencePackage.objects.filter(pk=package.pk, state=State.WAITING).exists():
        move(package, to=State.FAILED, by=package.by)


def _build(package, file, now):
    check = package.check_of
    opened = _opened(check, package.by) if package.full else frozenset()

    def step(done, parts):
        EvidencePackage.objects.filter(pk=package.pk).update(done=done, parts=parts)

    pack = packing.Pack(check, package.full, opened, now or timezone.now(), maker=package.by.name)
    return packing.build(pack, file, step)


def _opened(check, visitor):
    """Of whom the visitor may read the numbers one by one as well."""
    people = Examinee.objects.filter(check_of=check).values_list("registration__candidate", flat=True)
    reach, opened = Reach(visitor, timezone.localdate()), set()
    for some in chunks(set(people)):
        places = places_of(some, reach.on)
        opened |= {pk for pk in some if not reach.why_sealed(places.get(pk, Places()))}
    return frozenset(opened)


def _done(package, built, size, name):
    stamps = {"name": name, "files": built.files, "size": size, "digest": built.digest}
    facts = {"digest": built.digest, "files": built.files, "full": package.full}
    return move(package, to=State.DONE, by=package.by, why=package.why, facts=facts, **stamps)
