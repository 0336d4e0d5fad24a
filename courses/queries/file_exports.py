"""Where the archives of training files lie, and which are still there."""

from pathlib import Path

from django.conf import settings


def room() -> Path:
    """Where archives lie."""
    found = Path(settings.MEDIA_ROOT) / "training"
    found.mkdir(parents=True, exist_ok=True)
    return found


def path_of(export):
    """The file of an export, or None when it was cleared away."""
    path = room() / export.name
    return path if export.name and path.is_file() else None


def recent(enterprise, year, most=5):
    """The newest exports of an enterprise and year."""
    return list(enterprise.file_exports.filter(year=year).select_related("by").order_by("-pk")[:most])
