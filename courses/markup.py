"""Markdown of lessons to safe HTML: headings, lists, tables, quotations and the course's own pictures; no links, no foreign sources."""

from functools import lru_cache

import nh3
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from exams.markup import DIGEST, SCHEME

ALLOWED = "h2 h3 p em strong ul ol li blockquote hr table thead tbody tr th td br code img"
TAGS = set(ALLOWED.split())
ATTRIBUTES = {"img": {"src", "alt", "loading"}, "ol": {"start"}}
OFF = ("code", "fence", "html_block", "html_inline", "reference", "link", "autolink")
LEVELS = {"h1": "h2", "h2": "h2"}  # the page's own heading is the first


@lru_cache(maxsize=1024)
def render(markdown, course) -> SafeString:
    """Give a lesson's text as HTML; `course` is the code of the course whose pictures it shows."""
    ours = reverse("courses:file", args=[course, "0" * 64]).partition("0" * 64)[0]
    html = _reader().render(markdown, {"ours": ours})
    cleaned = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=lambda tag, name, value: (
            value if (tag, name) != ("img", "src") or value.startswith(ours) else None
        ),
        link_rel=None,
    )
    return mark_safe(cleaned.strip())


@lru_cache(maxsize=1)
def _reader():
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable(list(OFF))
    reader.add_render_rule("image", _image)
    reader.add_render_rule("heading_open", _heading)
    reader.add_render_rule("heading_close", _heading)
    return reader


def _image(renderer, tokens, index, options, env):
    token = tokens[index]
    alt = escape(renderer.renderInlineAsText(token.children, options, env))
    digest = token.attrs["src"].removeprefix(SCHEME)
    if not token.attrs["src"].startswith(SCHEME) or not DIGEST.fullmatch(digest):
        return alt
    return f'<img src="{env["ours"]}{digest}/" alt="{alt}" loading="lazy">'


def _heading(renderer, tokens, index, options, env):
    token = tokens[index]
    tag = LEVELS.get(token.tag, "h3")
    return f"<{tag}>" if token.nesting == 1 else f"</{tag}>\n"
