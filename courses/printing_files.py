"""Training files on paper and in sheets, in Chinese always: a file is kept for whoever inspects, not for whoever prints."""

from django.utils import timezone, translation

from accounts import printing, workbooks
from courses import presenting_files as words
from courses.sheets_files import sheets

FILE, COVER = "courses/pdf/training_file.html", "courses/pdf/training_cover.html"


def moment(at):
    """A moment as it stands on paper."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")


def _told(version, confirmed):
    """A version in words; a confirmation of an older version does not stand on it."""
    mine = confirmed if confirmed is not None and confirmed.digest == version.digest else None
    return {
        "it": words.told(version.facts),
        "version": version,
        "confirmed": mine and {"at": moment(mine.at), "account": mine.account, "digest": mine.digest},
    }


def people_pdf(versions, confirmed, *, printed_at, printed_by) -> bytes:
    """The files of some people as PDF, each beginning on a page of its own; `confirmed` is by person."""
    with translation.override("zh-hans"):
        context = {
            "files": [_told(one, confirmed.get(one.person_id)) for one in versions],
            "first": versions[0],
            "printed_at": moment(printed_at),
            "printed_by": printed_by,
        }
        return printing.document(FILE, context)


def cover_pdf(version, *, printed_at, printed_by, rows=()) -> bytes:
    """The cover of an enterprise as PDF, with a list of its people where one is given."""
    with translation.override("zh-hans"):
        context = {
            "it": words.cover(version.facts),
            "version": version,
            "rows": rows,
            "printed_at": moment(printed_at),
            "printed_by": printed_by,
        }
        return printing.document(COVER, context)


def workbook(versions, confirmed) -> bytes:
    """The files of people as a workbook, a chapter a sheet."""
    with translation.override("zh-hans"):
        return workbooks.chapters_workbook(
            sheets([_told(one, confirmed.get(one.person_id)) for one in versions])
        )
