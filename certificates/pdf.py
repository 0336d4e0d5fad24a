"""Documents on paper: the certificate, and A4 pages such as the personnel file.

The only file that knows WeasyPrint. It is imported when the first document is wanted: it costs a second and 60 MB, and
most processes never print. Fonts and parsed style sheets are then kept for the life of the process. Pango is not safe
to share between threads, so one document is made at a time.
"""

import base64
import contextlib
import logging
import os
import threading
import warnings
from functools import cache, lru_cache
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from accounts import printing, qr

from . import ornament

FONTS = Path(__file__).resolve().parent / "fonts"
CERTIFICATE = "certificates/pdf/certificate"
SLIPS, SLIPS_A_PAGE = "certificates/pdf/slips", 8
PICTURES = tuple(f"data:image/{kind};base64," for kind in ("svg+xml", "png", "jpeg", "webp"))
DOCUMENT_STYLE = "certificates/pdf/document.css"
DEFAULTS = {
    "title": _("培训考核合格证明"),
    "statement": _("本证明仅证明完成培训考核，不作为行政许可或从业资格"),
}

_lock = threading.Lock()


class PdfUnavailable(printing.Unavailable):
    """The machine lacks what is needed to print; the message says what to install."""

    def __init__(self):
        super().__init__(
            _(
                "本机缺少生成 PDF 所需的系统组件，请管理员安装 Debian 软件包 libpango-1.0-0、libpangoft2-1.0-0、"
                "libharfbuzz-subset0 和 fonts-dejavu-core 后重启服务。"
            )
        )

    def __str__(self):
        return str(self.args[0])


def render_certificate(facts: dict, *, verify_url: str, seal_svg: str | None = None) -> bytes:
    """The certificate as one A4 landscape page in Chinese, whatever language its reader has chosen.

    The facts are texts as they are to be printed: number, verify_code, name, id_masked, enterprise, post, categories,
    exam, score, passed_on, issued_on, valid_from, valid_to, issuer, and if they differ from ours title and statement.
    """
    from django.template.loader import render_to_string
    from django.utils import translation

    with translation.override("zh-hans"):
        shown = {name: str(text) for name, text in DEFAULTS.items()} | {k: v for k, v in facts.items() if v}
        page = render_to_string(
            f"{CERTIFICATE}.html",
            {
                "facts": shown,
                "keywords": [shown.get(name, "") for name in ("name", "number", "verify_code")],
                "verify_page": verify_url.rstrip("/").rpartition("/")[0],
                "qr": qr.svg(verify_url),
                "seal": _as_address(seal_svg) if seal_svg else "",
                "art": _art(),
                "is_long": sum(len(shown.get(name, "")) for name in ("enterprise", "post", "exam")) > 70,
            },
        )
        return _print(page, f"{CERTIFICATE}.css")


def render_slips(slips: list, *, sign_in: str, **told) -> bytes:
    """One-time passwords on A4 for cutting, eight to a page, in Chinese first; whoever gets one may not yet have chosen a language."""
    from django.template.loader import render_to_string
    from django.utils import translation

    pages = [slips[start : start + SLIPS_A_PAGE] for start in range(0, len(slips), SLIPS_A_PAGE)]
    context = told | {"pages": pages, "sign_in": sign_in, "qr": qr.svg(sign_in), "lang": "zh-CN"}
    with translation.override("zh-hans"):
        return _print(render_to_string(f"{SLIPS}.html", context), f"{SLIPS}.css")


def render_document(template_name: str, context: dict, style_name: str = DOCUMENT_STYLE) -> bytes:
    """A document of A4 portrait pages in the reader's language, from a template that extends document.html."""
    from django.template.loader import render_to_string
    from django.utils import translation

    lang = "zh-CN" if (translation.get_language() or "zh").startswith("zh") else translation.get_language()
    return _print(render_to_string(template_name, {"lang": lang} | context), style_name)


def demo_seal() -> str:
    """The seal of a house that has none of its own: square, and it reads 演示."""
    from django.template.loader import render_to_string

    return render_to_string("certificates/pdf/demo_seal.svg")


def missing_characters(text: str) -> str:
    """The characters of the text that our fonts cannot print, each once, in the order of the text.

    They are taken from a full CJK font of the system if it has one; without it they come out as a crossed box,
    and no error says so. Who issues a certificate is to be told beforehand.
    """
    return "".join(
        dict.fromkeys(char for char in text if char.isprintable() and ord(char) not in _printable())
    )


@lru_cache(maxsize=1)
def _printable():
    from fontTools.ttLib import TTFont

    with TTFont(FONTS / "ZhikaoSerif-Bold.ttf", lazy=True) as font:
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=1)
def _art():
    """The fine lines of the certificate, computed once; the page is 297 by 210 mm."""
    return {
        "band": ornament.band(297, 210, inset=13.6, radius=7, amplitude=2.7, wave=11, strands=4),
        "rosettes": [
            ornament.rosette(50, petals=47, turns=9, depth=0.42),
            ornament.rosette(27, petals=31, turns=7, depth=0.5),
        ],
    }


def _as_address(svg):
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode("utf-8")).decode("ascii")


def _print(page, style_name):
    # An address that is no address of ours resolves against this one, and is refused like all others.
    with _lock:
        press = _press()
        document = press.HTML(
            string=page, base_url="refused:///", url_fetcher=press.fetcher, media_type="print"
        )
        return document.write_pdf(
            stylesheets=[*press.fonts, press.style(style_name)], font_config=press.font_config
        )


class _Press:
    """WeasyPrint with our fonts loaded, and each style sheet parsed once."""

    def __init__(self):
        weasyprint = _import_weasyprint()

        class OurFilesOnly(weasyprint.urls.URLFetcher):
            """Opens our fonts and pictures carried in the page; whatever else a page names is not fetched."""

            def fetch(self, url, headers=None):
                ours = (
                    url.startswith(FONTS.as_uri() + "/")
                    and "/." not in url
                    and "%" not in url[len(FONTS.as_uri()) :]
                )
                if not ours and not url.startswith(PICTURES):
                    raise ValueError("refused")
                return super().fetch(url, headers)

        self.HTML = weasyprint.HTML
        self.fetcher = OurFilesOnly(allowed_protocols=("file", "data"), allow_redirects=False)
        self.font_config = weasyprint.text.fonts.FontConfiguration()
        self._css = weasyprint.CSS
        self.fonts = [self._parsed(filename=FONTS / "fonts.css")]
        self.style = cache(self._style)

    def _style(self, name):
        from django.template.loader import render_to_string

        return self._parsed(string=render_to_string(name), base_url="refused:///")

    def _parsed(self, **source):
        return self._css(url_fetcher=self.fetcher, font_config=self.font_config, **source)


@lru_cache(maxsize=1)
def _press():
    return _Press()


def _import_weasyprint():
    # Two things end a process without a trace of Python: a library that is not there, which WeasyPrint reports by an
    # OSError, and a machine without any font, on which Pango crashes and of which WeasyPrint only warns.
    try:
        with (
            warnings.catch_warnings(),
            open(os.devnull, "w", encoding="utf-8") as nowhere,
            contextlib.redirect_stdout(nowhere),
        ):
            warnings.filterwarnings("error", message="(No fonts configured|FontConfig cannot load)")
            import weasyprint
            import weasyprint.text.fonts
            import weasyprint.urls
    except (OSError, UserWarning) as error:
        raise PdfUnavailable from error
    # Eight lines for each document say nothing that the caller does not know.
    for chatty in ("weasyprint.progress", "fontTools"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return weasyprint
