"""A session on paper: three documents of a form, each page with letter and digest, and the key in one of them only."""

import io
from datetime import timedelta

import pypdf
import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from exams import pictures
from exams.models import ExamSession, Item
from supervision.models import PrintedForm
from supervision.queries import paper as queries
from supervision.tests import stories
from tests import build


@pytest.fixture
def check(cast, settings, tmp_path):
    """A session whose papers hold every item type, one with a picture."""
    settings.MEDIA_ROOT = tmp_path
    stories.crowd(cast, 6)
    stories.inspectors(cast)
    bank = build.make_bank(cast, "spot", **dict.fromkeys(build.MIXED, 2), each=0)
    picture = pictures.keep(stories.a_picture(), cast.editor)
    for item in Item.objects.filter(bank=bank, type="single").select_related("current"):
        stem = f"{item.current.stem}\n\n![铭牌](picture:{picture.digest})"
        build.revise(item, stem=stem)
    blueprint = build.make_blueprint(cast, bank, dict.fromkeys(build.MIXED, 2), "spot")
    return stories.called(cast, **stories.lean(blueprint, 2))


def printed(user, check, **fields):
    client = Client()
    client.force_login(user)
    address = reverse("certificates:paper_print", args=[check.code, check.session.code])
    return client.post(address, {"letter": "A", **fields})


def pages(answer):
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages]


def test_the_three_documents_of_a_form(cast, check):
    found = {what: printed(cast.district, check, what=what) for what in ("paper", "sheets", "key")}
    form = PrintedForm.objects.get()
    texts = {what: pages(answer) for what, answer in found.items()}
    for what, answer in found.items():
        assert answer["Content-Type"] == "application/pdf"
        assert all(form.digest in text and "A 卷" in text for text in texts[what]), what
        fonts = {
            str(font) for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages for font in _fonts(page)
        }
        assert any("Zhikao" in font for font in fonts)
    paper, sheets, key = ("".join(texts[what]) for what in ("paper", "sheets", "key"))
    assert (
        build.STEM in paper
        and build.SPELLING not in paper + sheets
        and build.RATIONALE not in paper + sheets + key
    )
    assert build.SPELLING in key and build.STEM not in sheets + key
    assert len(texts["sheets"]) >= 2 + 2  # one for each examinee and two to spare
    for one in check.examinees.all():
        assert one.registration.candidate.name in sheets
    assert all(f"{cell.number}" in sheets for cell in queries.cells_of(form))
    images = [
        image for page in pypdf.PdfReader(io.BytesIO(found["paper"].content)).pages for image in page.images
    ]
    assert len(images) >= 1
    told = AuditEvent.objects.filter(action="paperform.printed").order_by("pk")
    assert [(line.data["what"], line.data["digest"], line.actor_id) for line in told] == [
        (what, form.digest, cast.district.pk) for what in ("paper", "sheets", "key")
    ]


def _fonts(page):
    return [font.get_object()["/BaseFont"] for font in page["/Resources"]["/Font"].values()]


def test_the_key_is_not_printed_early_without_a_reason(cast, check):
    later = check.session.opens_at + timedelta(days=1)
    ExamSession.objects.filter(pk=check.session_id).update(
        opens_at=later, closes_at=later + timedelta(hours=1)
    )
    assert printed(cast.district, check, what="key").status_code == 302
    assert not AuditEvent.objects.filter(action="paperform.printed").exists()
    assert printed(cast.district, check, what="key", why="另一考区同时阅卷").status_code == 200
    assert printed(cast.district, check, what="everything").status_code == 302
    assert PrintedForm.objects.count() == 1
