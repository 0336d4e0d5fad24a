"""Markdown of items: what stays, and what never gets through."""

import pytest
from django.urls import reverse

from exams import markup

DIGEST = "ab" * 32
SHOWN = reverse("exams:picture", args=[DIGEST])


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("不超过 **25** km/h", "<p>不超过 <strong>25</strong> km/h</p>"),
        ("H~2~O 与 m^2^", "<p>H<sub>2</sub>O 与 m<sup>2</sup></p>"),
        ("甲\n乙", "<p>甲<br>\n乙</p>"),
        ("（____）超过（____）", "<p>（____）超过（____）</p>"),
        ("____ 与 ____。", "<p>____ 与 ____。</p>"),
        (f"![铭 牌](picture:{DIGEST})", f'<p><img src="{SHOWN}" alt="铭 牌" loading="lazy"></p>'),
        ("![图](https://example.invalid/x.png)", "<p>图</p>"),
        ("![图](picture:mark.svg)", "<p>图</p>"),
        (f"![图](/exams/pictures/{DIGEST}/)", "<p>图</p>"),
        ("[文字](https://example.invalid/)", "<p>文字</p>"),
        ("[文字](javascript:alert(1))", "<p>[文字](javascript:alert(1))</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ('<img src=x onerror="alert(1)">', '<p>&lt;img src=x onerror="alert(1)"&gt;</p>'),
        ("<svg/onload=alert(1)>", "<p>&lt;svg/onload=alert(1)&gt;</p>"),
        (
            f'![" onload="x](picture:{DIGEST})',
            f'<p><img src="{SHOWN}" alt="&quot; onload=&quot;x" loading="lazy"></p>',
        ),
        ("# 第一", "<p># 第一</p>"),
        ("    缩进", "<p>缩进</p>"),
        ("材料\n---", "<p>材料<br>\n---</p>"),
    ],
)
def test_what_becomes_of_markdown(markdown, html):
    assert markup.render(markdown) == html


def test_a_table_is_a_table():
    html = markup.render("|甲|乙|\n|:-|-|\n|1|2|")
    assert "".join(html.split()) == (
        "<table><thead><tr><th>甲</th><th>乙</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
    )


def test_an_option_has_no_paragraph_around_it():
    assert markup.inline("**二**\n<b>") == "<strong>二</strong><br>\n&lt;b&gt;"


def test_names_of_pictures_are_found_once_and_replaced():
    text = "![a](picture:x.svg) ![b](picture:y.svg) ![c](picture:x.svg) ![d](other:z)"
    assert markup.pictures_in(text) == ["x.svg", "y.svg"]
    assert markup.with_pictures(text, {"x.svg": DIGEST}) == (
        f"![a](picture:{DIGEST}) ![b](picture:y.svg) ![c](picture:{DIGEST}) ![d](other:z)"
    )
