"""What stands in an evidence package: one function a section; the order of these imports is the order of the case."""

from supervision.package_sections import (  # noqa: F401, I001 - they enter themselves, in this order
    beginnings,
    days,
    answers,
    results,
    failures,
    files,
)
