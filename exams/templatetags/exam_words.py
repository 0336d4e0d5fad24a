"""Small words of the exam pages."""

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def clock(seconds):
    """Whole seconds as minutes and seconds, 3725 → 62:05."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes:02d}:{rest:02d}"


@register.filter
def plain(number):
    """A number without needless zeros: 92.00 → 92, 1.50 → 1.5; nothing for nothing."""
    return f"{Decimal(number).normalize():f}" if number is not None else ""
