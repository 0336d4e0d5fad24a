"""Markdown of items to safe HTML: text, tables, formulas' small figures, and our own pictures; nothing else."""

import re
from functools import lru_cache
from html import escape

import nh3
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

ALLOWED = "p em strong ul ol li table thead tbody tr th td sub sup br code img"
TAGS = set(ALLOWED.split())
ATTRIBUTES = {"img": {"src", "alt", "loading"}, "ol": {"start"}}
OFF = ("heading", "lheading", "hr", "code", "fence", "blockquote", "html_block", "html_inline", "reference")
SMALL = re.compile(r"([~^])([^\s~^]{1,40})\1")
BLANKS = re.compile(r"_{3,}")
PLACE = "\ue000"  # stands for the underscores of a blank, which must not be read as emphasis
SCHEME = "picture:"
DIGEST = re.compile(r"[0-9a-f]{64}")
REFERENCE = re.compile(r"(!\[[^\]]*\]\()picture:([^)\s]+)(\))")


@lru_cache(maxsize=4096)
def render(markdown) -> SafeString:
    """Give a stem, a material or a rationale as HTML."""
    return _safe(_reader().render(_hide_blanks(markdown)))


@lru_cache(maxsize=8192)
def inline(markdown) -> SafeString:
    """Give an option's text as HTML without a paragraph around it."""
    return _safe(_reader().renderInline(_hide_blanks(markdown)))


def pictures_in(*texts):
    """Give the names after `picture:` in the texts, each once, in order."""
    return list(dict.fromkeys(found[2] for text in texts for found in REFERENCE.finditer(text)))


def with_pictures(text, names):
    """Give the text with the names after `picture:` replaced by what the mapping holds for them."""
    return REFERENCE.sub(lambda found: f"{found[1]}{SCHEME}{names.get(found[2], found[2])}{found[3]}", text)


@lru_cache(maxsize=1)
def _reader():
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable(list(OFF))
    reader.inline.ruler.push("small", _small)
    reader.add_render_rule("image", _image)
    reader.add_render_rule("link_open", _nothing)
    reader.add_render_rule("link_close", _nothing)
    return reader


def _small(state, silent):
    """Read H~2~O and m^2^."""
    found = SMALL.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        tag = "sub" if found[1] == "~" else "sup"
        state.push(f"{tag}_open", tag, 1)
        state.push("text", "", 0).content = found[2]
        state.push(f"{tag}_close", tag, -1)
    state.pos = found.end()
    return True


def _image(renderer, tokens, index, options, env):
    token = tokens[index]
    alt = escape(renderer.renderInlineAsText(token.children, options, env))
    digest = token.attrs["src"].removeprefix(SCHEME)
    if not token.attrs["src"].startswith(SCHEME) or not DIGEST.fullmatch(digest):
        return alt
    return f'<img src="{reverse("exams:picture", args=[digest])}" alt="{alt}" loading="lazy">'


def _nothing(renderer, tokens, index, options, env):
    return ""


def _hide_blanks(markdown):
    return BLANKS.sub(lambda found: PLACE * len(found[0]), markdown)


def _own_pictures(tag, name, value):
    ours = reverse("exams:picture", args=["0" * 64]).partition("0" * 64)[0]
    return value if (tag, name) != ("img", "src") or value.startswith(ours) else None


def _safe(html):
    cleaned = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_own_pictures,
        link_rel=None,
    )
    return mark_safe(cleaned.strip().replace(PLACE, "_"))
