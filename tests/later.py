"""The product with a clock that a story may put forward: `clock` in the state folder holds the seconds by which it is ahead.

Served in the place of config.wsgi; it must be loaded before any model keeps `timezone.now` as a default.
"""

import os
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

_real = timezone.now
_ahead = Path(os.environ["VAR_DIR"]) / "clock"


def now():
    """The moment that the story has come to."""
    return _real() + timedelta(seconds=float(_ahead.read_text()))


timezone.now = now

from config.wsgi import application  # noqa: E402, F401  the clock first
