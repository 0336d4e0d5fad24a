"""The appointment letter, and the digest of the personnel file."""

import io
from datetime import date

import pytest
from django.urls import reverse
from pypdf import PdfReader

from audit.models import AuditEvent
from catalog.models import LegalDocument, LegalProvision
from certificates import letters, queries


def words_of(answer):
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    return "".join(
        "".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(answer.content)).pages
    )


@pytest.fixture
def orders(db):
    """The two orders' articles on appointing, as the catalog has them."""
    for code, title, number in (
        ("ZJ75", "工业产品生产单位落实质量安全主体责任监督管理规定", "市场监管总局令第75号"),
        ("ZJ76", "工业产品销售单位落实质量安全主体责任监督管理规定", "市场监管总局令第76号"),
    ):
        document = LegalDocument.objects.create(code=code, title=title, number=number)
        for article in ("第三条", "第四条"):
            LegalProvision.objects.create(document=document, article=article)


def test_a_letter_names_post_person_and_law_and_no_number_in_full(cast, as_user, orders):
    post = cast.post(cast.director)
    answer = as_user(cast.manager).get(reverse("certificates:letter", args=[post.pk]))
    words = words_of(answer)
    for word in (
        "任命书", "李䶮", cast.director.id_mask.replace("*", "*"), "津海电动车有限公司", cast.jinhai.uscc, "质量安全总监",
        "电动自行车", "2025年1月6日", "市场监管总局令第75号）第三条", "被任命人（签字）", "单位公章",
    ):  # fmt: skip
        assert word in words, word
    assert "第76号" not in words and cast.director.id_number not in words
    assert len(PdfReader(io.BytesIO(answer.content)).pages) == 1
    assert AuditEvent.objects.get().action == "post.letter_printed"


def test_a_letter_is_chinese_whatever_its_reader_reads(cast, as_user, orders):
    client = as_user(cast.manager)
    url = reverse("certificates:letter", args=[cast.post(cast.principal).pk])
    chinese = words_of(client.get(url))
    client.cookies["django_language"] = "en"
    assert words_of(client.get(url))[:200] == chinese[:200]
    assert "法定代表人（签字）" in chinese and "主要负责人" in chinese


def test_the_law_is_the_one_of_the_trade_and_of_the_day(cast, orders):
    def named(enterprise, on=date(2026, 1, 1)):
        return [p.document.code for p in letters.legal_basis(enterprise, on)]

    assert (named(cast.jinhai), named(cast.hengtong)) == (["ZJ75"], ["ZJ76"])
    cast.jinhai.sells = True
    assert named(cast.jinhai) == ["ZJ75", "ZJ76"]
    LegalProvision.objects.update(in_force_to=date(2026, 1, 1))
    assert named(cast.jinhai) == []


def test_a_file_carries_the_digest_of_what_it_says(cast, as_user):
    answer = as_user(cast.manager).get(reverse("certificates:person_file", args=[cast.officer.pk]))
    digest = AuditEvent.objects.get(action="record.printed").data["digest"]
    assert digest in words_of(answer)
    content = queries.personnel_file(cast.officer, cast.manager, date(2026, 11, 23))
    assert content.pop("digest") == queries.digest_of(content) != queries.digest_of(content | {"posts": []})
