"""Whose a session is where a floor above manages it: that floor says so here, and the desk of sessions leaves it alone.

Nobody on this floor knows who keeps sessions or why. A keeper acts upon its own session by naming itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from audit.transitions import Refused
from exams.models import Exam, ExamSession

KEEPERS: list[Callable[[ExamSession], "Keeper | None"]] = []


@dataclass(frozen=True)
class Keeper:
    """Who manages a session: the row that does, its name for people, the unit that acts, and the page where it is done."""

    row: Any
    name: str
    unit: str
    address: str


def keeper_of(session):
    """Who manages this session, or None where the desk of sessions does; asks only where a lot decided who sits."""
    if session.exam.kind != Exam.Kind.SPOT_CHECK:
        return None
    return next((found for look in KEEPERS if (found := look(session))), None)


def why_not(keeper):
    """Why the desk of sessions changes nothing about a session that has a keeper."""
    return _("本场次由%(unit)s在“%(name)s”中管理，这里不能更改；请到该案件页面办理。") % {
        "unit": keeper.unit,
        "name": keeper.name,
    }


def guard(session, keeper=None):
    """Refuse an act upon a session that somebody else manages; its keeper names the row that it is."""
    held = keeper_of(session)
    if held and held.row != keeper:
        raise Refused(why_not(held))
