"""A session on paper: form A or B, its answer sheets, and apart from both the key; in Chinese whatever its reader reads."""

import base64
import re

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST

from audit.context import signed
from audit.transitions import Refused
from certificates import pdf
from exams import pictures, presenting
from exams.actions.scoring import policy_of
from exams.engine import sheet
from exams.models import ExamSession, Picture
from exams.sentences import say
from supervision.actions import paper as acts
from supervision.doors import check_or_404, for_paper
from supervision.forms.paper import PrintForm
from supervision.models import Examinee
from supervision.queries import paper as queries
from supervision.queries import sittings
from supervision.queries.written import KEY, PAPER, SHEETS

STYLE = "certificates/pdf/paper.css"
SPARE = 2  # answer sheets without a name, for whoever spoils hers
WIDEST = 8  # letters of a cell for which the answer sheet has a width of its own
SHORT = 16  # characters of an option of which two stand beside each other
NUMERALS = "一二三四五六七八九十"


def render(form, what, *, check, examinees, printed_at, printed_by) -> bytes:
    """One of the three documents of a form as PDF."""
    with translation.override("zh-hans"):
        sections = _sections(form, with_key=what == KEY)
        session = form.session
        context = {
            "check": check,
            "session": session,
            "form": form,
            "sections": sections,
            "count": sum(len(section["questions"]) for section in sections),
            "policy": say(policy_of(session).explanation),
            "sheets": [*examinees, *[None] * SPARE],
            "printed_at": printed_at.strftime("%Y-%m-%d %H:%M"),
            "printed_by": printed_by,
        }
        return pdf.render_document(f"certificates/pdf/{TEMPLATES[what]}.html", context, STYLE)


TEMPLATES = {PAPER: "paper_form", SHEETS: "paper_sheets", KEY: "paper_key"}


def _sections(form, *, with_key):
    """The questions in the order printed, by section, each with the cells of the answer sheet; and what is right, for the key only."""
    places, cells, found = queries.places_of(form), {}, []
    for cell in queries.cells_of(form):
        cells.setdefault(cell.position, []).append(cell)
    keys = (
        sheet.write(places, queries.cells_of(form), {n: place.key for n, place in places.items()})
        if with_key
        else {}
    )
    carried = _Pictures()
    for number, position in enumerate(form.layout["order"], start=1):
        place = places[position]
        face = presenting.question(0, number, place, form.layout["options"].get(str(position)), {})
        if not found or found[-1]["title"] != place.section:
            found.append({"title": place.section, "numeral": NUMERALS[len(found) % 10], "questions": []})
        found[-1]["questions"].append(
            {
                "number": number,
                "code": place.code if with_key else "",
                "face": carried.into(face),
                "is_short": _is_short(face),
                "label": face["label"],
                "points": f"{place.points.normalize():f}",
                "cells": [(cell, keys.get(cell.name, "")) for cell in cells.get(position, ())],
            }
        )
    for section in found:
        held = [cell for question in section["questions"] for cell, _key in question["cells"]]
        section["is_mixed"] = len({question["label"] for question in section["questions"]}) > 1
        section["letters"] = min(max((len(cell.letters) for cell in held), default=0), WIDEST)
        section["points"] = f"{sum(places[n].points for n in _positions(section, form)).normalize():f}"
    return found


def _is_short(face):
    """Whether the options of a question, or of all parts of a case, stand two beside each other."""
    texts = [one["text"] for part in (face, *face.get("parts", ())) for one in part.get("options", ())]
    return all(len(text) <= SHORT and "<img" not in text for text in texts)


def _positions(section, form):
    return [form.layout["order"][question["number"] - 1] for question in section["questions"]]


class _Pictures:
    """Pictures of items are carried in the page itself, each read once."""

    def __init__(self):
        before, after = reverse("exams:picture", args=["0" * 64]).split("0" * 64)
        self.address = re.compile(re.escape(before) + "([0-9a-f]{64})" + re.escape(after))
        self.read = {}

    def into(self, face):
        """A face whose texts carry their pictures."""
        seen = face | {"stem": self._carried(face["stem"])}
        seen["options"] = [one | {"text": self._carried(one["text"])} for one in face.get("options", ())]
        seen["parts"] = [self.into(part) for part in face.get("parts", ())]
        return seen

    def _carried(self, html):
        return mark_safe(self.address.sub(lambda found: self._address(found[1]), str(html)))

    def _address(self, digest):
        if digest not in self.read:
            picture = Picture.objects.filter(digest=digest).first()
            data = base64.b64encode(pictures.read(picture)).decode("ascii") if picture else ""
            self.read[digest] = f"data:{pictures.TYPES[picture.kind]};base64,{data}" if picture else ""
        return self.read[digest]


@for_paper
@require_POST
def paper_print(request, code, session):
    """Print paper, answer sheets or key of a form; each printing is written down, the key before the exam opens with its reason."""
    check = check_or_404(request, code)
    called = Examinee.objects.filter(check_of=check, registration__session__code=session)
    found = get_object_or_404(ExamSession.objects.filter(pk__in=called.values("registration__session")))
    asked = PrintForm(request.POST)
    if not asked.is_valid():
        for errors in asked.errors.values():
            messages.error(request, errors[0])
        return redirect("supervision:paper", code)
    what, why = asked.cleaned_data["what"], asked.cleaned_data["why"]
    try:
        form = acts.fix(check, found, asked.cleaned_data["letter"], by=request.user)
        acts.note_printing(form, what, by=request.user, why=why)
        people = [one for one in sittings.examinees(check) if one.registration.session_id == found.pk]
        document = render(
            form,
            what,
            check=check,
            examinees=people,
            printed_at=timezone.localtime(),
            printed_by=signed(request.user),
        )
    except (Refused, pdf.PdfUnavailable) as refusal:
        messages.error(request, str(refusal))
        return redirect("supervision:paper", code)
    response = HttpResponse(document, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{found.code}-{form.letter}-{what}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response
