"""Where evidence packages lie, and which are still there."""

from pathlib import Path

from django.conf import settings


def room() -> Path:
    """Where packages lie."""
    found = Path(settings.MEDIA_ROOT) / "packages"
    found.mkdir(parents=True, exist_ok=True)
    return found


def path_of(package):
    """The file of a package, or None when it was cleared away."""
    path = room() / package.name
    return path if package.name and path.is_file() else None
