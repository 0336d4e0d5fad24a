"""The official table of working days, read once."""

import json
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

from supervision.engine import days

FILE = Path(__file__).resolve().parent / "data" / "working_days.json"


@cache
def table():
    """{year: {"off": days, "work": days}} as the engine wants it."""
    return days.read(told())


@cache
def told():
    """What the file says, its sources included."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def due(on, working_days):
    """The last day of a period, and a remark where a year has no official table yet."""
    found = days.due(on, working_days, table())
    if not found.untabled:
        return found.day, ""
    years = _("、").join(map(str, found.untabled))
    return found.day, _("%(years)s 年尚无官方放假安排，按星期一至星期五推算。") % {"years": years}
