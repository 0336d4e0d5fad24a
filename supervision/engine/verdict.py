"""What a sitting comes to."""

PASSED, FAILED, ABSENT = "passed", "failed", "absent"


def verdict(result):
    """The conclusion of a result, which has `passed`; no result is an absence."""
    if result is None:
        return ABSENT
    return PASSED if result.passed else FAILED
