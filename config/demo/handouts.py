"""The documents of the demo's courses, printed from their Markdown; they lie in the repository, so that loading prints nothing."""

from django.utils import translation
from django.utils.safestring import mark_safe

from certificates.pdf import render_document
from config.demo.files import DEMO, FIXTURES
from courses import markup

TEMPLATE, STYLE = "certificates/pdf/handout.html", "certificates/pdf/handout.css"


def sources():
    """The texts that are printed: those of the documents' names, beside them."""
    lessons = (DEMO / "lessons.csv").read_text(encoding="utf-8").splitlines()
    names = [
        line.split(",")[0] + "/" + part
        for line in lessons
        for part in line.split(",")
        if part.endswith(".pdf")
    ]
    return [(FIXTURES / "courses" / name).with_suffix(".md") for name in names]


def printed(source):
    """One text as a PDF; its first line is the title."""
    title, _line, text = source.read_text(encoding="utf-8").removeprefix("# ").partition("\n")
    html = markup.render(text, source.parent.name)
    with translation.override("zh-hans"):
        return render_document(TEMPLATE, {"title": title, "text": mark_safe(html)}, STYLE)
