"""What a workbook becomes: drafts of items, and problems with the row, the column and a suggestion."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ..words import N_, Sentence

WHOLE = N_("第 %(row)s 行「%(column)s」：%(message)s；%(suggestion)s。")


@dataclass(frozen=True)
class Draft:
    """One item of a workbook; a case is one draft with all its parts."""

    code: str
    type: str
    stem: str
    body: dict
    key: dict
    rationale: str = ""
    topic: str = ""
    difficulty: str = "medium"
    points: Decimal | None = None
    categories: tuple = ()
    audience: tuple = ()
    basis: str = ""
    clause: str = ""
    in_force_from: date | None = None
    in_force_to: date | None = None
    notes: dict = field(default_factory=dict)
    rows: tuple = field(default=(), compare=False)  # where it stood is not part of what it is


@dataclass(frozen=True)
class Problem:
    """What is wrong in one cell; both templates are filled from the same parameters."""

    row: int
    column: str
    template: str
    advice: str
    params: Mapping = field(default_factory=dict)

    @property
    def message(self):
        """What is wrong, in Chinese."""
        return str(Sentence(self.template, self.params))

    @property
    def suggestion(self):
        """What to do, in Chinese."""
        return str(Sentence(self.advice, self.params))

    def __str__(self):
        return WHOLE % {
            "row": self.row,
            "column": self.column,
            "message": self.message,
            "suggestion": self.suggestion,
        }


@dataclass(frozen=True)
class Reading:
    """The outcome: sound drafts, problems, columns kept as notes, and how many rows were not blank."""

    drafts: list
    problems: list
    unknown: tuple = ()
    rows: int = 0
