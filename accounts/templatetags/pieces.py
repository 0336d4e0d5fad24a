"""Pieces that stand dozens of times on a page, so that each must cost next to nothing."""

from functools import lru_cache

from django import template
from django.template import defaulttags
from django.templatetags import i18n
from django.templatetags.static import static
from django.urls import NoReverseMatch
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, ngettext, npgettext

from accounts import acting_for

register = template.Library()
SPRITE = "vendor/bootstrap-icons-1.13.2/sprite.svg"


@register.simple_tag
def icon(name, size="", look="", label=""):
    """A picture from the sprite: `name`, one of the sizes, a class of its own, and words if it says what no text beside it says."""
    return _icon(str(name), size, look, str(label))


@lru_cache(maxsize=512)
def _icon(name, size, look, label):
    classes = " ".join(part for part in ("icon", f"icon-{size}" if size else "", look) if part)
    told = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="{}" {} focusable="false"><use href="{}#{}"></use></svg>',
        classes,
        mark_safe(told),
        static(SPRITE),
        name,
    )


UNITS = {
    "个": lambda n: ngettext("个", "个", n),
    "人": lambda n: ngettext("人", "人", n),
    "人次": lambda n: ngettext("人次", "人次", n),
    "份": lambda n: ngettext("份", "份", n),
    "分": lambda n: ngettext("分", "分", n),
    "分钟": lambda n: ngettext("分钟", "分钟", n),
    "名": lambda n: ngettext("名", "名", n),
    "套": lambda n: ngettext("套", "套", n),
    "家": lambda n: ngettext("家", "家", n),
    "行": lambda n: npgettext("个数", "行", "行", n),
    "题": lambda n: ngettext("题", "题", n),
    "项": lambda n: ngettext("项", "项", n),
}


@register.filter
def unit(figure, name):
    """The unit behind a figure: of one thing, in English, another than of several."""
    return UNITS[name](1 if figure == 1 else 2)


class Fixed(template.Node):
    """A tag whose text depends on the language alone: worked out once for each."""

    def __init__(self, name, say):
        self.name = name
        self.say = say
        self.said = {}

    def render(self, context):
        """The text, or nothing where it is kept under a name."""
        language = get_language()
        text = self.said.get(language)
        if text is None:
            text = self.said[language] = self.say(context)
        if self.name:
            context[self.name] = text
            return ""
        return text


@register.tag
def translate(parser, token):
    """Django's own tag; a constant without context or filters is looked up once for each language."""
    node = i18n.do_translate(parser, token)
    expression = node.filter_expression
    is_plain = isinstance(expression.var, template.base.Variable) and not expression.filters
    if not is_plain or expression.var.literal is None or node.message_context or node.noop:
        return node
    name, node.asvar = node.asvar, None
    return Fixed(name, node.render)


@register.tag
def url(parser, token):
    """Django's own tag; an address without arguments is worked out once.

    Kept under a name it is empty while its reader acts for another and finds it closed, so no page leads where she is refused.
    """
    node = defaulttags.url(parser, token)
    constant = isinstance(node.view_name.var, str) and not node.view_name.filters
    if constant and node.asvar and acting_for.is_closed(node.view_name.var):
        return Closable(node)
    if not constant or node.args or node.kwargs:
        return node
    name, node.asvar = node.asvar, None
    return Fixed(name, lambda context: _address(node, context, name))


class Closable(template.Node):
    """An address that is nobody's while she acts for another."""

    def __init__(self, node):
        self.node = node

    def render(self, context):
        """Keep the address, or nothing."""
        if getattr(context.get("request"), "representing", None):
            context[self.node.asvar] = ""
            return ""
        return self.node.render(context)


def _address(node, context, name):
    try:
        return node.render(context)
    except NoReverseMatch:
        if name:
            return ""
        raise


@register.tag
def fixed(parser, token):
    """{% fixed %} … {% endfixed %}: what hangs on the language alone, such as addresses of style sheets; worked out once for each."""
    inside = parser.parse(("endfixed",))
    parser.delete_first_token()
    return Fixed(None, inside.render)
