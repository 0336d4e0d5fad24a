"""The training files of a whole enterprise as one archive: asked for, made by the worker, kept a few days."""

import hashlib
import tempfile
import time
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.planning import chunks
from audit.log import record
from audit.transitions import Refused, move
from courses import presenting_files, printing_files
from courses.actions import filing
from courses.models import FileExport
from courses.queries import files
from courses.queries.file_exports import room

KEPT_DAYS = 3
AT_ONCE = 20  # so few people are printed while somebody waits in front of the page
A_PART = 40  # people in one PDF: a document of two thousand people would take the memory of the machine
State = FileExport.State


def sweep():
    """Throw away what is older than its days; rows and digests stay."""
    oldest = time.time() - KEPT_DAYS * 86_400
    for path in room().iterdir():
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
        except FileNotFoundError:
            continue  # somebody else was sweeping too


def ask(enterprise, year, *, by):
    """Note that the files of an enterprise's year are wanted; while one waits there is no second, which the table holds."""
    people = files.people_in(enterprise, year).count()
    if not people:
        raise Refused(_("这个年度没有任职人员，没有可导出的档案。"))
    try:
        with transaction.atomic():
            export = FileExport.objects.create(enterprise=enterprise, year=year, by=by, people=people)
            record("training_files.asked", export, by=by, year=year, people=people)
    except IntegrityError:
        raise Refused(_("这个年度的培训档案正在生成，请稍候。")) from None
    return export


def make(export):
    """Make an archive that waits and keep it; what is half written is thrown away."""
    sweep()
    draft = tempfile.NamedTemporaryFile(dir=room(), prefix="draft-", delete=False)  # noqa: SIM115 - renamed once it is whole
    try:
        with draft as file:
            _build(export, file)
            size = file.tell()
            digest = _digest(file)
        name = f"training-{export.enterprise.uscc}-{export.year}-{export.pk}.zip"
        Path(draft.name).rename(room() / name)
    except BaseException:
        Path(draft.name).unlink(missing_ok=True)
        fail(export)
        raise
    return move(
        export, to=State.DONE, by=export.by, name=name, size=size, digest=digest, facts={"digest": digest}
    )


def fail(export):
    """Note that an archive did not come about."""
    if FileExport.objects.filter(pk=export.pk, state=State.WAITING).exists():
        move(export, to=State.FAILED, by=export.by)


def _digest(file):
    file.flush()
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _build(export, file):
    """Cover with the list of people, their files in parts, and all of it as a workbook."""
    enterprise, year = export.enterprise, export.year
    printed = {"printed_at": timezone.now(), "printed_by": str(export.by)}
    people = list(files.people_in(enterprise, year))
    facts, versions, confirmed, done = {}, [], {}, 0
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for number, some in enumerate(chunks(people, A_PART), start=1):
            told = files.facts_of(some, enterprise, year)
            kept = filing.keep_many(told, enterprise, year, by=export.by)
            part = [kept[one.pk] for one in some]
            confirmed |= files.confirmed_of([one.pk for one in some], enterprise, year)
            archive.writestr(f"{number:03d}-files.pdf", printing_files.people_pdf(part, confirmed, **printed))
            versions, facts, done = versions + part, facts | told, done + len(some)
            FileExport.objects.filter(pk=export.pk).update(done=done)
        sums = files.totals(facts.values())
        said = files.cover_of(enterprise, year, sums, timezone.localdate())
        cover = filing.keep_many({None: said}, enterprise, year, by=export.by)[None]
        with override("zh-hans"):
            rows = [_row(one, facts[one.pk], confirmed.get(one.pk)) for one in people]
        archive.writestr("000-cover.pdf", printing_files.cover_pdf(cover, rows=rows, **printed))
        archive.writestr("training.xlsx", printing_files.workbook(versions, confirmed))


def _row(person, facts, row):
    state = "now" if files.is_confirmed(facts, row) else "before" if row else ""
    return presenting_files.line(person, facts, state)
