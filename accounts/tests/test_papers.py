"""Papers at a post: what may be kept, who may read it, what an appointment with a paper leaves behind."""

import io
from datetime import date

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image

from accounts import actions, papers, uploads
from accounts.models import Post, PostPaper, RecordEntry
from accounts.tests.files import a_pdf, a_picture, a_stream
from audit.models import AuditEvent
from audit.transitions import Refused
from operations import backups
from tests.people import id_number

JS = b"<< /S /JavaScript /JS (app.alert(1)) >>"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def upload(data=None, name="任命.pdf", content_type="application/pdf"):
    return SimpleUploadedFile(name, a_pdf() if data is None else data, content_type)


@pytest.mark.parametrize(
    "data",
    [
        a_pdf(),
        a_pdf(catalog=b"/OpenAction [2 0 R /Fit] "),
        a_pdf(a_stream(b"q BT (/JS /AA) Tj ET Q")),  # words on a page act on nobody
        a_pdf(a_stream(b"<< /Type /Font >>", b"/Type /ObjStm")),
    ],
)
def test_a_plain_pdf_is_kept_as_it_is(data):
    assert papers.prepare(data, "a.pdf").data == data


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"MZ this is a program", "无法识别"),
        (b"<html><script>alert(1)</script>", "无法识别"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "无法识别"),
        (b"", "无法识别"),
        (b"%PDF-1.7 cut off", "不完整"),
        (a_pdf(catalog=b"/Encrypt 9 0 R "), "加密"),
        (a_pdf(catalog=b"/OpenAction " + JS), "脚本"),
        (a_pdf(catalog=b"/OpenAction << /S /Java#53cript /J#53 (x) >>"), "脚本"),
        (a_pdf(catalog=b"/AA << /O 3 0 R >>"), "脚本"),
        (a_pdf(b"4 0 obj << /S /Launch /F (cmd.exe) >> endobj\n"), "脚本"),
        (a_pdf(b"4 0 obj << /Type /EmbeddedFile >> endobj\n"), "脚本"),
        (a_pdf(a_stream(JS, b"/Type /ObjStm")), "脚本"),
        (a_pdf(a_stream(JS, b"/Type /ObjStm", pack=lambda content: b"no zlib")), "无法检查"),
        (a_pdf(a_stream(JS, b"/Type /ObjStm /DecodeParms << /Predictor 12 >>")), "无法检查"),
        (a_pdf(a_stream(b"0" * (papers.MOST_INFLATED + 1), b"/Type /ObjStm")), "无法检查"),
        (b"\x89PNG\r\n\x1a\n torn", "已损坏"),
        (a_pdf() + b"0" * papers.LARGEST, "8 MB"),
    ],
)
def test_what_acts_or_is_no_paper_is_refused_in_a_sentence(data, word):
    with pytest.raises(Refused, match=word):
        papers.prepare(data, "任命.pdf")


def test_a_picture_loses_what_it_carries_and_its_name_is_no_path():
    secret = Image.Exif()
    secret[0x010E] = "39.0851, 117.1994"
    kept = papers.prepare(a_picture("JPEG", exif=secret), "../../etc/任命<1>.exe")
    assert (kept.kind, kept.name, b"117.1994" in kept.data) == ("jpeg", "任命1.jpg", False)
    assert Image.open(io.BytesIO(kept.data)).size == (40, 30)


def appointing(**more):
    return {
        "name": "郝新", "id_number": id_number(77), "kind": "officer", "full_time": "1", "appointed_on": "2026-03-02",
        "paper": "津海任字〔2026〕3号", **more,
    }  # fmt: skip


def test_an_appointment_takes_its_paper_along(cast, as_user):
    client, url = as_user(cast.manager), reverse("people:appoint", args=[cast.jinhai.uscc])
    assert client.post(url, appointing(file=upload())).status_code == 302
    kept = PostPaper.objects.get()
    assert (kept.post.person.name, kept.role, kept.name, kept.added_by) == (
        "郝新",
        "appointment",
        "任命.pdf",
        "赵敏",
    )
    assert default_storage.open(kept.path).read() == a_pdf()
    assert [name for name, _file in backups.media()] == [f"media/{kept.path}"]
    assert client.post(url, appointing(file=upload())).status_code == 302  # again: nothing new
    assert PostPaper.objects.count() == 1


def test_a_refused_paper_appoints_nobody_and_keeps_what_was_typed(cast, as_user):
    client, url = as_user(cast.manager), reverse("people:appoint", args=[cast.jinhai.uscc])
    posts = Post.objects.count()
    answer = client.post(url, appointing(file=upload(a_pdf(catalog=b"/OpenAction " + JS))))
    page = answer.content.decode()
    assert (answer.status_code, Post.objects.count(), PostPaper.objects.count()) == (422, posts, 0)
    assert "脚本" in page and 'value="郝新"' in page and "津海任字〔2026〕3号" in page


def test_a_good_paper_is_chosen_once_while_something_else_is_mended(cast, as_user):
    client, url = as_user(cast.manager), reverse("people:appoint", args=[cast.jinhai.uscc])
    answer = client.post(url, appointing(file=upload(), id_number="123"))
    token = answer.context["form"]["kept"].value()
    assert (answer.status_code, "任命.pdf" in answer.content.decode()) == (422, True)
    assert uploads.kept(cast.stranger_manager, token, "paper") is None
    answer = client.post(url, appointing(kept=token, file=upload(b"hello")))
    assert (answer.status_code, answer.context["form"]["kept"].value()) == (
        422,
        "",
    )  # the refused one replaced it
    assert client.post(url, appointing(kept=token)).status_code == 302
    assert [paper.name for paper in PostPaper.objects.all()] == ["任命.pdf"]


def test_a_dismissal_says_why_and_by_which_paper(cast, as_user):
    post = cast.post(cast.officer)
    client, url = as_user(cast.manager), reverse("people:dismiss", args=[post.pk])
    assert client.post(url, {"ended_on": "2026-02-03"}).status_code == 422
    told = {"ended_on": "2026-02-03", "reason": "调岗", "file": upload(a_picture(), "离任.png", "image/png")}
    assert client.post(url, told).status_code == 302
    assert RecordEntry.objects.get().facts["end_reason"] == "调岗"
    assert [(p.role, p.kind) for p in PostPaper.objects.all()] == [("dismissal", "png")]
    page = client.get(reverse("people:enterprise", args=[cast.jinhai.uscc])).content.decode()
    assert "调岗" in page


def test_papers_are_added_later_and_never_changed(cast, as_user):
    post = cast.post(cast.officer)
    client, url = as_user(cast.manager), reverse("people:paper_add", args=[post.pk])
    for data, name in ((a_pdf(), "一.pdf"), (a_pdf(), "一.pdf"), (a_picture(), "二.png")):
        assert client.post(url, {"role": "other", "file": upload(data, name)}).status_code == 302
    assert [(p.number, p.name) for p in post.papers.all()] == [(1, "一.pdf"), (2, "二.png")]
    assert AuditEvent.objects.filter(action="post.paper_added").count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        post.papers.update(name="三.pdf")
    with pytest.raises(IntegrityError), transaction.atomic():
        post.papers.all()[0].delete()


def test_a_paper_is_read_by_the_door_of_its_post_and_can_do_nothing(cast, as_user):
    post = cast.post(cast.officer)
    for data, name in ((a_pdf(), "任命书.pdf"), (a_picture(), "任命书.png")):
        actions.attach(post, papers.prepare(data, name), role="appointment", by=cast.manager)
    pdf, picture = (reverse("people:paper", args=[post.pk, number]) for number in (1, 2))
    for name, user in cast.everybody().items():
        seen = name in {"manager", "station", "district", "city", "admin"}
        assert as_user(user).get(pdf).status_code == (200 if seen else 404), name
    answers = [as_user(cast.manager).get(url) for url in (pdf, picture)]
    assert [a["Content-Disposition"].split(";")[0] for a in answers] == ["attachment", "inline"]
    assert [a["Content-Type"] for a in answers] == ["application/pdf", "image/png"]
    for answer in answers:
        assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, no-store")
        assert answer["Content-Security-Policy"].endswith("sandbox")
    assert as_user(cast.manager).get(reverse("people:paper", args=[post.pk, 3])).status_code == 404
    other = Post.objects.create(
        person=cast.stranger, enterprise=cast.jinhai, kind="officer", appointed_on=date(2026, 1, 1)
    )
    assert as_user(cast.manager).get(reverse("people:paper", args=[other.pk, 1])).status_code == 404
    path = PostPaper.objects.first().path
    assert as_user(cast.admin).get(f"/media/{path}").status_code == 404
