"""A workbook of enterprises, people and posts, read without a database."""

from accounts.exchange.columns import (
    COLUMNS,
    OWN_NUMBER,
    Column,
    heading,
    is_reserved,
    is_username,
    nearest,
    spelling,
)
from accounts.exchange.drafts import EnterpriseDraft, Known, PersonDraft, PostDraft, Problem, Sheet
from accounts.exchange.rows import FILL_IN, appointment_bounds, read, read_date

__all__ = [
    "COLUMNS",
    "FILL_IN",
    "OWN_NUMBER",
    "Column",
    "EnterpriseDraft",
    "Known",
    "PersonDraft",
    "PostDraft",
    "Problem",
    "Sheet",
    "appointment_bounds",
    "heading",
    "is_reserved",
    "is_username",
    "nearest",
    "read",
    "read_date",
    "spelling",
]
