"""Reading the tables of the demo; days in them are counted from today, as `今天-30` or `今天+9`."""

import csv
import io
import json
import re
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

FIXTURES = settings.BASE_DIR / "fixtures"
DEMO = FIXTURES / "demo"
DAY = re.compile(r"今天([+-]\d+)?")


def text(name: str, today: date) -> str:
    """A file of the demo with its days written out."""
    words = (DEMO / name).read_text(encoding="utf-8")
    return DAY.sub(lambda found: (today + timedelta(days=int(found[1] or 0))).isoformat(), words)


def rows(name: str, today: date) -> list[dict]:
    """The rows of a table by their headings."""
    return list(csv.DictReader(io.StringIO(text(name, today))))


def data(name: str):
    """What a JSON file of the demo says."""
    return json.loads((DEMO / name).read_text(encoding="utf-8"))


def day(words: str) -> date:
    """A day as a table writes it."""
    return date.fromisoformat(words)


def moment(words: str) -> datetime:
    """A day and a time of the clock on the wall as a moment."""
    return timezone.make_aware(datetime.fromisoformat(words))
