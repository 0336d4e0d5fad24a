"""The parts of a page that stand there dozens of times: questions, options, cells. Rendered by Jinja, which compiles a template
to Python once; Django's own engine took two thirds of the CPU of a paper's page for them."""

from functools import cache

from django.conf import settings
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from accounts.templatetags.pieces import icon
from exams.templatetags.exam_words import plain


@cache
def _environment():
    environment = Environment(
        loader=FileSystemLoader(settings.BASE_DIR / "templates"),
        autoescape=True,
        auto_reload=settings.DEBUG,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals |= {"_": gettext, "icon": icon}
    environment.filters |= {"plain": plain, "ident": lambda name: name.replace("/", "")}
    return environment


@cache
def _template(name):
    return _environment().get_template(f"fragments/{name}.html")


def render(name, **context):
    """Render templates/fragments/<name>.html; safe to put into a page."""
    return mark_safe(_template(name).render(context))
