"""What was asked and said, on a screen and on paper, and what came of it."""

from collections import defaultdict

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.planning import chunks
from exams.engine import sheet
from exams.models import Attempt, Filing, Paper, Result, Score
from exams.queries import papers, receipts
from supervision.models import Outcome, PaperResult
from supervision.package_sections.common import files_at, is_over, named, people_of, round_of
from supervision.packing import Piece, as_json, plain, records, row_of, section
from supervision.queries import paper as paper_queries

AT_ONCE = 100  # attempts, or half as many papers


def forms_of(pack):
    """The printed forms of the case by their keys."""
    if "forms" not in pack.known:
        pack.known["forms"] = {one.pk: one for one in paper_queries.forms_of(pack.check).values()}
    return pack.known["forms"]


@section("papers", _("试卷"))
def sat_papers(pack):
    """The papers that were sat or printed, with key and points; not before the exam is over."""
    if not is_over(pack):
        return
    forms = forms_of(pack).values()
    sessions = {one.registration.session_id for one in people_of(pack)}
    used = set(Attempt.objects.filter(registration__session__in=sessions).values_list("paper", flat=True))
    used |= {form.paper_id for form in forms}
    for some in chunks(sorted(used), AT_ONCE // 2):
        places = papers.places_of(some)
        for paper in Paper.objects.filter(pk__in=some).select_related("session").order_by("pk"):
            rows = [_question(n, place) for n, place in places[paper.pk].items()]
            yield from records(f"papers/{paper}", f"{paper} {paper.digest}", rows)
    rows = [row_of(form, "letter", "layout", "digest", "by", "at", paper=str(form.paper)) for form in forms]
    yield from records("papers/printed", _("纸质试卷"), rows)


def _question(n, place):
    return {
        "position": n,
        "section": place.section,
        "type": place.type,
        "code": place.code,
        "topic": place.topic,
        "points": plain(place.points),
        "stem": place.stem,
        "body": place.body,
        "key": place.key,
        "rationale": place.rationale,
    }


@section("sittings", _("上机作答"))
def answered(pack):
    """Every attempt with all its results, and its chain of answers as receipts hold it."""
    keys = {one.registration_id: one for one in people_of(pack)}
    told, later, filed = [], [], []
    for some in chunks(keys, AT_ONCE):
        attempts = Attempt.objects.filter(registration__in=some).select_related(
            "registration__session", "registration__candidate", "paper__session", "current_result"
        )
        attempts = list(attempts.order_by("pk"))
        held = receipts.receipts(attempts, with_payloads=is_over(pack))
        scores, results = _scores(attempts)
        filings = _filings(attempts)
        for one in attempts:
            whose = named(pack, keys[one.registration_id].pk, attempt=one.pk)
            told.append(_attempt(one, whose))
            later += [whose | _result(row) for row in results[one.pk]]
            filed += [whose | _filing(pack, row) for row in filings[one.pk]]
            title = f"{whose['name']} #{one.number}"
            yield Piece(f"sittings/receipt-{one.pk}.json", title, as_json(held[one.pk]))
            if is_over(pack) and one.current_result_id:
                title = format_lazy("{title} {points}", title=title, points=_("各题得分"))
                yield from records(f"sittings/scores-{one.pk}", title, scores[one.current_result_id])
    yield from records("sittings/sittings", _("上机作答"), told)
    yield from records("sittings/results", _("成绩与复评"), later)
    yield from records("sittings/filings", _("应急答卷"), filed)


def _attempt(one, whose):
    result = one.current_result
    return (
        row_of(
            one, "number", "state", "started_at", "deadline", "submitted_at", "ended_by", "voided_at", "released_at", "seal"
        )
        | whose
        | {"paper": str(one.paper)}
        | (row_of(result, "points", "max_points", "percent", "passed") if result else {})
        | {"receipt": f"sittings/receipt-{one.pk}.json"}
    )  # fmt: skip


def _scores(attempts):
    """The scores of the results that count, and all results of these attempts."""
    scores, results = defaultdict(list), defaultdict(list)
    newest = [one.current_result_id for one in attempts if one.current_result_id]
    for row in Score.objects.filter(result__in=newest).order_by("result_id", "position"):
        scores[row.result_id].append(row_of(row, "position", "fraction", "points", "max_points"))
    rows = Result.objects.filter(attempt__in=[one.pk for one in attempts]).select_related("scored_by")
    for row in rows.order_by("attempt_id", "number"):
        results[row.attempt_id].append(row)
    return scores, results


def _result(row):
    told = row_of(row, "number", "points", "max_points", "percent", "passed", "why", "seal")
    return told | {"by": plain(row.scored_by), "at": plain(row.scored_at)}


def _filings(attempts):
    found = defaultdict(list)
    rows = Filing.objects.filter(attempt__in=[one.pk for one in attempts]).select_related("by")
    for row in rows.order_by("attempt_id", "number"):
        found[row.attempt_id].append(row)
    return found


def _filing(pack, row):
    told = row_of(row, "number", "digest", "made_at", "why", "by", "at", "seal")
    return told | ({"entries": row.entries} if is_over(pack) else {})


@section("paper", _("纸质作答"))
def on_paper(pack):
    """Every version of what was entered from paper with its scans, the sheets as they were typed in, and what the second person found."""
    rows = PaperResult.objects.filter(examinee__check_of=pack.check).order_by("examinee_id", "number")
    told, sheets, cells = [], [], {}
    for one in rows.select_related("review__by", "by"):
        form, whose = forms_of(pack).get(one.printed_id), named(pack, one.examinee_id)
        told.append(
            row_of(
                one, "number", "kind", "holder", "held_on", "points", "max_points", "percent", "passed", "why", "by", "at"
            )
            | whose
            | {"letter": form.letter if form else "", "said": one.said if is_over(pack) else None}
            | {"files": files_at(pack, one)}
            | _review(getattr(one, "review", None))
        )  # fmt: skip
        if form and is_over(pack):
            if form.pk not in cells:
                cells[form.pk] = paper_queries.places_of(form), paper_queries.cells_of(form)
            places, some = cells[form.pk]
            said = sheet.write(places, some, {int(n): payload for n, payload in one.said.items()})
            sheets += [
                whose
                | {
                    "number": one.number,
                    "letter": form.letter,
                    "cell": cell.number,
                    "said": said.get(cell.name, ""),
                }
                for cell in some
            ]
    yield from records("paper/results", _("纸质成绩"), told)
    yield from records("paper/sheets", _("录入的答题卡"), sheets)


def _review(review):
    told = row_of(review, "verdict", "why", "by", "at") if review else {}
    return {f"review_{key}": value for key, value in told.items()}


@section("outcomes", _("结果与更改"))
def outcomes(pack):
    """Every version of every outcome, with who decided it and why."""
    rows = Outcome.objects.filter(examinee__check_of=pack.check).select_related("by")
    told = [
        named(pack, one.examinee_id, round=round_of(pack, one.examinee_id))
        | row_of(
            one, "number", "conclusion", "form", "points", "max_points", "percent", "missed", "why", "by", "at"
        )
        | {"attempt": one.attempt_id}
        for one in rows.order_by("examinee_id", "number")
    ]  # fmt: skip
    yield from records("outcomes/outcomes", _("结果与更改"), told)
