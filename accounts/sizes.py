"""The size class of an enterprise from its people and its turnover, pure; the thresholds are given, for they are the operator's."""

from collections.abc import Mapping

LARGE, MEDIUM, SMALL, MICRO = "large", "medium", "small", "micro"
INDUSTRY, TRADE = "industry", "trade"
CLASSES = (LARGE, MEDIUM, SMALL)  # from the top; whoever reaches none of them is micro

Thresholds = Mapping[str, Mapping[str, tuple[int, int]]]


def class_of(produces: bool, staff: int | None, turnover: int | None, thresholds: Thresholds) -> str:
    """The highest class both of whose lower bounds (people, turnover in 10,000 yuan) are reached; empty while either is not known.

    Whoever makes and sells is measured as a maker.
    """
    if staff is None or turnover is None:
        return ""
    bounds = thresholds[INDUSTRY if produces else TRADE]
    for name in CLASSES:
        people, money = bounds[name]
        if staff >= people and turnover >= money:
            return name
    return MICRO
