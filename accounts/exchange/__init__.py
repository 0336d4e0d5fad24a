"""A workbook of enterprises, people and posts, read without a database."""

from accounts.exchange.columns import COLUMNS, Column, heading, is_username, nearest, spelling
from accounts.exchange.drafts import EnterpriseDraft, Known, PersonDraft, PostDraft, Problem, Sheet
from accounts.exchange.rows import FILL_IN, read, read_date

__all__ = [
    "COLUMNS",
    "FILL_IN",
    "Column",
    "EnterpriseDraft",
    "Known",
    "PersonDraft",
    "PostDraft",
    "Problem",
    "Sheet",
    "heading",
    "is_username",
    "nearest",
    "read",
    "read_date",
    "spelling",
]
