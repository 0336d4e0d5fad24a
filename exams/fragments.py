"""The parts of a page that stand there dozens of times: questions, options, cells. Rendered by Jinja, which compiles a template
to Python once; Django's own engine took two thirds of the CPU of a paper's page for them."""

from collections import defaultdict
from functools import cache

from django.conf import settings
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from accounts.templatetags.pieces import icon
from exams.templatetags.exam_words import plain


class Quick(Environment):
    """Jinja asks a dict for an attribute before it looks for the key, and pays for the exception; ours are nearly all dicts."""

    def getattr(self, thing, name):
        """The key of a dict, else what Jinja finds."""
        if type(thing) is dict and name in thing:
            return thing[name]
        return super().getattr(thing, name)


@cache
def _environment():
    environment = Quick(
        loader=FileSystemLoader(settings.BASE_DIR / "templates"),
        autoescape=True,
        auto_reload=settings.DEBUG,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals["icon"] = icon
    environment.filters |= {"plain": plain, "ident": lambda name: name.replace("/", "")}
    return environment


@cache
def _template(name):
    return _environment().get_template(f"fragments/{name}.html")


class Words(dict):
    """The constant words of the templates in one language, each looked up once: asking which language is on costs more than that."""

    def __missing__(self, text):
        self[text] = said = gettext(text)
        return said


_words = defaultdict(Words)


def render(name, **context):
    """Render templates/fragments/<name>.html; safe to put into a page."""
    return mark_safe(_template(name).render(context, _=_words[get_language()].__getitem__))
