"""Pieces that stand dozens of times on a page, so that each must cost next to nothing."""

from functools import lru_cache

from django import template
from django.template import defaulttags
from django.templatetags import i18n
from django.templatetags.static import static
from django.urls import NoReverseMatch
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

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
    """Django's own tag; an address without arguments is worked out once."""
    node = defaulttags.url(parser, token)
    constant = isinstance(node.view_name.var, str) and not node.view_name.filters
    if not constant or node.args or node.kwargs:
        return node
    name, node.asvar = node.asvar, None
    return Fixed(name, lambda context: _address(node, context, name))


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
