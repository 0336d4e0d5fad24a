"""The tree of units by its paths, pure: "/TJ/XQ/" lies below "/TJ/"; no unit need be read to know what stands above it."""


def upward(path: str) -> list[str]:
    """A unit's path and those of all units above it, the root first."""
    return [path[: end + 1] for end, letter in enumerate(path) if letter == "/" and end]
