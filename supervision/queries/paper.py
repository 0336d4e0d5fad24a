"""Reads of sittings on paper."""

from exams.engine import sheet
from exams.models import Paper
from exams.queries import papers
from supervision.models import Evidence, PaperResult, PrintedForm


def newest_of(examinees):
    """The result on paper that is meant of each of these examinees, with its review: {key: result}; one query."""
    rows = PaperResult.objects.filter(examinee__in=[one.pk for one in examinees]).newest()
    return {row.examinee_id: row for row in rows.select_related("review__by", "by", "printed")}


def versions(examinee):
    """All that was entered for an examinee, the newest first."""
    return list(examinee.paper_results.select_related("review__by", "by", "printed"))


def state_of(result):
    """How far a result is: waiting, or what the second person found; empty for none."""
    if result is None:
        return ""
    return result.review.verdict if hasattr(result, "review") else "waiting"


def forms_of(check):
    """The printed forms of a check: {(session key, letter): form}."""
    rows = PrintedForm.objects.filter(check_of=check).select_related("paper", "session", "by")
    return {(row.session_id, row.letter): row for row in rows}


def first_papers(session, most=2):
    """The first papers of a session that count."""
    return list(
        Paper.objects.filter(session=session, number__gte=session.papers_from).order_by("number")[:most]
    )


def places_of(form):
    """The places of a printed form's paper, by position."""
    return papers.places(form.paper)


def cells_of(form):
    """The cells of its answer sheet, in the order printed."""
    return sheet.cells(places_of(form), form.layout)


def scans_of(results):
    """The scans of several results: {key: [file]}; one query."""
    names = {f"supervision.paperresult:{row.pk}": row.pk for row in results}
    found = {row.pk: [] for row in results}
    for file in Evidence.objects.filter(subject__in=names):
        found[names[file.subject]].append(file)
    return found
