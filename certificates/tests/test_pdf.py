"""What comes out of the printer: one page, our fonts in it, the text whole, the code readable by a telephone."""

import io
import re
import shutil
import subprocess
import sys

import pypdf
import pytest
from django.utils import translation

from certificates import pdf

CODE = "CR2M-G401-7G1A-02C0-2800"
ADDRESS = f"https://zhikao.example.cn/verify/{CODE}"
FACTS = {
    "number": "ZK-2026-000314-3",
    "verify_code": CODE,
    "name": "李䶮",
    "id_masked": "120111********1523",
    "enterprise": "津海电动车有限公司",
    "post": "质量安全员",
    "categories": "电动自行车；电动自行车用锂离子蓄电池",
    "exam": "电动自行车生产单位质量安全员自主培训考试",
    "score": "92 分",
    "passed_on": "2026 年 3 月 18 日",
    "issued_on": "2026 年 3 月 19 日",
    "valid_from": "2026-03-18",
    "valid_to": "2028-03-17",
    "issuer": "天津市工业产品质量安全培训考核平台（演示）",
}
LONG = FACTS | {
    "name": "阿卜杜热依木·买买提吐尔逊江·伊敏",
    "enterprise": "天津市滨海新区中新生态城国际电动自行车及零部件智能制造科技发展有限责任公司第二分公司",
    "categories": "电动自行车；电动自行车用锂离子蓄电池；电动自行车用充电器；摩托车及电动自行车乘员头盔；家用燃气灶具",
    "exam": "二〇二六年度电动自行车及其蓄电池、充电器生产单位质量安全总监和质量安全员自主培训考试（第三场）",
    "issuer": "天津市滨海新区工业产品质量安全主体责任培训考核中心（演示）",
}
FILE = {
    "person": {
        "name": "王𬱖",
        "id_masked": "120111********1523",
        "phone_masked": "138****5678",
        "staff_no": "P17",
    },
    "posts": [
        {
            "enterprise": "津海电动车有限公司",
            "kind": "质量安全员",
            "from": "2024-03-01",
            "to": "",
            "state": "在任",
        }
    ],
    "entries": [
        {
            "date": f"2026-03-{day:02}",
            "title": f"第{day}次考试",
            "facts_text": "成绩 92 分",
            "recorded_by": "平台",
        }
        for day in range(1, 31)
    ],
    "certificates": [
        {"number": "ZK-2026-000314-3", "title": "培训考核合格证明", "valid_to": "2028-03-17", "state": "有效"}
    ],
    "printed_at": "2026-11-23 14:30",
    "printed_by": "李明",
}


def certificate(**changes):
    return pdf.render_certificate(FACTS | changes, verify_url=ADDRESS, seal_svg=pdf.demo_seal())


def read(printed):
    return pypdf.PdfReader(io.BytesIO(printed))


def words(printed):
    """The text as one would find it by searching: pieces of a line may be set apart, so blanks do not count."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in read(printed).pages))


def fonts(printed):
    """Each font of the document, and whether its file lies inside."""
    found = {}
    for page in read(printed).pages:
        for font in page["/Resources"]["/Font"].get_object().values():
            font = font.get_object()
            inner = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            found[str(font["/BaseFont"]).partition("+")[2]] = bool({"/FontFile2", "/FontFile3"} & set(inner))
    return found


@pytest.fixture(scope="module")
def printed():
    return certificate()


def test_a_certificate_is_one_landscape_page(printed):
    (page,) = read(printed).pages
    assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [297, 210]


def test_every_font_lies_in_the_document_and_is_ours(printed):
    assert fonts(printed) == {"Zhikao-Serif-Bold": True, "Zhikao-Serif": True, "Zhikao-Sans": True}


def test_every_fact_can_be_copied_out_of_the_certificate(printed):
    text = words(printed)
    missing = [name for name, fact in FACTS.items() if re.sub(r"\s", "", fact) not in text]
    assert missing == []
    assert "培训考核合格证明" in text
    assert "本证明仅证明完成培训考核，不作为行政许可或从业资格" in text
    assert "https://zhikao.example.cn/verify" in text


@pytest.mark.parametrize("name", ["王𬱖", "赵㛃", "欧阳喆堃", "买买提·吐尔逊"])
def test_a_rare_name_comes_out_as_it_went_in(name):
    printed = certificate(name=name)
    assert pdf.missing_characters(name) == ""
    assert name in words(printed)
    assert read(printed).metadata.title == f"培训考核合格证明 · {name}"


def test_the_metadata_names_holder_number_and_issuer(printed):
    about = read(printed).metadata
    assert (about.title, about.author, about.get("/Keywords")) == (
        "培训考核合格证明 · 李䶮",
        "天津市工业产品质量安全培训考核平台（演示）",
        f"李䶮, ZK-2026-000314-3, {CODE}",
    )
    assert read(printed).trailer["/Root"]["/Lang"] == "zh-CN"


def test_the_longest_facts_still_fit_on_the_page_whole():
    printed = pdf.render_certificate(LONG, verify_url=ADDRESS, seal_svg=pdf.demo_seal())
    assert len(read(printed).pages) == 1
    text = words(printed)
    assert [name for name, fact in LONG.items() if re.sub(r"\s", "", fact) not in text] == []


def test_facts_are_printed_as_text_and_never_as_markup():
    text = words(certificate(enterprise="<b>津</b>&amp;<img src=file:///etc/passwd>"))
    assert "<b>津</b>&amp;<imgsrc=file:///etc/passwd>" in text


def test_a_certificate_is_chinese_whatever_the_reader_has_chosen(printed):
    with translation.override("en"):
        assert words(certificate()) == words(printed)


def test_the_code_on_the_printed_page_leads_to_the_verify_address(printed, tmp_path):
    zxingcpp = pytest.importorskip("zxingcpp")
    image = pytest.importorskip("PIL.Image")
    if not shutil.which("pdftoppm"):
        pytest.skip("pdftoppm (poppler-utils) is needed to see the page")
    (tmp_path / "c.pdf").write_bytes(printed)
    subprocess.run(
        ["pdftoppm", "-r", "110", "-png", "-singlefile", tmp_path / "c.pdf", tmp_path / "c"], check=True
    )
    assert [code.text for code in zxingcpp.read_barcodes(image.open(tmp_path / "c.png"))] == [ADDRESS]


def test_characters_without_a_shape_are_named_before_issue():
    assert pdf.missing_characters("张𠮷 𠮷吉\u4e00") == "𠮷"


def test_a_seal_that_points_elsewhere_fetches_nothing(tmp_path, caplog):
    secret = tmp_path / "secret.svg"
    secret.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text y="5">秘密</text></svg>'
    )
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text y="5">章</text>'
        f'<image href="{secret.as_uri()}" width="9" height="9"/></svg>'
    )
    printed = pdf.render_certificate(FACTS, verify_url=ADDRESS, seal_svg=svg)
    assert "章" in words(printed)
    assert "秘密" not in words(printed)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a.svg",
        "http://127.0.0.1/",
        "file:///etc/passwd",
        (pdf.FONTS.parent / "pdf.py").as_uri(),
        pdf.FONTS.as_uri() + "/../pdf.py",
        pdf.FONTS.as_uri() + "/%2e%2e/pdf.py",
        "data:text/css,*{}",
    ],
)
def test_only_our_own_files_are_opened(address):
    with pytest.raises(ValueError, match="refused"):
        pdf._press().fetcher.fetch(address)
    assert pdf._press().fetcher.fetch((pdf.FONTS / "OFL.txt").as_uri()).read(5) == b"Zhika"


def test_a_machine_without_the_libraries_gets_a_sentence(monkeypatch):
    class Refusing:
        def find_spec(self, name, path=None, target=None):
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Refusing(), *sys.meta_path])
    pdf._press.cache_clear()
    try:
        with pytest.raises(pdf.PdfUnavailable) as caught, translation.override("zh-hans"):
            certificate()
        assert str(caught.value) == (
            "本机缺少生成 PDF 所需的系统组件，请管理员安装 Debian 软件包 libpango-1.0-0、libpangoft2-1.0-0、"
            "libharfbuzz-subset0 和 fonts-dejavu-core 后重启服务。"
        )
    finally:
        monkeypatch.undo()
        pdf._press.cache_clear()


def test_a_personnel_file_holds_everything_and_counts_its_pages():
    printed = pdf.render_document("certificates/pdf/personnel_file.html", FILE)
    pages = [re.sub(r"\s", "", page.extract_text()) for page in read(printed).pages]
    count = len(pages)
    assert count > 1
    assert [f"第{n}页，共{count}页" in text for n, text in enumerate(pages, 1)] == [True] * count
    assert ["李明打印于2026-11-2314:30" in text for text in pages] == [True] * count
    text = "".join(pages)
    assert [day for day in range(1, 31) if f"第{day}次考试" not in text] == []
    for fact in ("王𬱖", "120111********1523", "138****5678", "津海电动车有限公司", "ZK-2026-000314-3"):
        assert fact in text
    assert fonts(printed) == {"Zhikao-Serif-Bold": True, "Zhikao-Sans": True}
    assert read(printed).metadata.title == "人员档案 · 王𬱖"


def test_an_empty_personnel_file_says_so():
    printed = pdf.render_document(
        "certificates/pdf/personnel_file.html", FILE | {"posts": [], "entries": [], "certificates": []}
    )
    text = words(printed)
    assert [line in text for line in ("没有任职记录。", "没有取得证明。", "档案中还没有条目。")] == [True] * 3
