"""Every package that the machine will ask for is pinned, with its extras.

pip in hash mode refuses a requirement such as `coverage[toml]` when only `coverage` is pinned and the index has a newer
one; it works on the day of the pin and breaks on the day of the next release.
"""

import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^([A-Za-z0-9][^\\;]*==[^\\; ]+)\s*(?:;\s*([^\\]+))?", re.MULTILINE)


def pins(*names: str) -> dict[str, set[str]]:
    """The pinned packages of these files, each with the extras it is pinned with."""
    found: dict[str, set[str]] = {}
    for name in names:
        for line, _marker in PIN.findall((ROOT / name).read_text(encoding="utf-8")):
            pin = Requirement(line.strip())
            found.setdefault(canonicalize_name(pin.name), set()).update(pin.extras)
    return found


@pytest.mark.parametrize("files", [("requirements.txt",), ("requirements.txt", "requirements-dev.txt")])
def test_whatever_a_package_asks_for_is_pinned_with_the_extra_it_asks_for(files):
    pinned = pins(*files)
    assert "django" in pinned
    missing = set()
    for name, extras in pinned.items():
        try:
            wanted = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # a package of another machine's kind
            continue
        for need in map(Requirement, wanted):
            if need.marker and not any(need.marker.evaluate({"extra": extra}) for extra in extras | {""}):
                continue
            if not set(need.extras) <= pinned.get(canonicalize_name(need.name), set()) or (
                canonicalize_name(need.name) not in pinned
            ):
                missing.add(f"{name} → {need}")
    assert missing == set()
