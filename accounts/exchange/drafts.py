"""What a workbook says before anybody believes it: drafts of enterprises, people and posts, and problems."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Problem:
    """What is wrong in one cell: a sentence with its parameters, and what might have been meant."""

    row: int
    column: str
    message: str
    params: Mapping = field(default_factory=dict)
    suggestion: str = ""


@dataclass(frozen=True)
class EnterpriseDraft:
    """An enterprise as the rows describe it; an empty field says nothing."""

    row: int
    uscc: str
    name: str = ""
    organ: str = ""
    produces: bool | None = None
    sells: bool | None = None
    size: str = ""
    risk: str = ""
    categories: tuple[str, ...] = ()
    address: str = ""


@dataclass(frozen=True)
class PersonDraft:
    """A person as the rows describe her."""

    row: int
    id_number: str
    name: str
    phone: str = ""
    email: str = ""
    username: str = ""


@dataclass(frozen=True)
class PostDraft:
    """One appointment of a row."""

    row: int
    uscc: str
    id_number: str
    kind: str
    full_time: bool
    appointed_on: date
    ended_on: date | None = None
    paper: str = ""


@dataclass
class Sheet:
    """What a workbook says, in the order of its rows."""

    enterprises: dict[str, EnterpriseDraft] = field(default_factory=dict)
    people: dict[str, PersonDraft] = field(default_factory=dict)
    posts: list[PostDraft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0
    owners: dict[tuple, PersonDraft] = field(default_factory=dict, repr=False)
    posts_by_person: dict[str, list[PostDraft]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Known:
    """What the house calls its product categories and organs: any spelling → code."""

    categories: Mapping[str, str]
    organs: Mapping[str, str]
    organ_names: Mapping[str, str] = field(default_factory=dict)  # code → name, for suggestions
