"""How probable it was to be drawn, pure."""

from math import exp


def inclusion(classes, chosen):
    """{weight: probability} of standing on the list, for {weight: people} of which so many are chosen without replacement.

    Exact where the weights are equal. Else the exponential keys' own limit: whoever lies below a threshold t is drawn, with the
    probability 1 - exp(-weight * t), and t is where the expected number is the number drawn; for a dozen people this is within a
    few percent, for hundreds within a few per mille.
    """
    people = sum(classes.values())
    if chosen >= people:
        return dict.fromkeys(classes, 1.0)
    if not chosen:
        return dict.fromkeys(classes, 0.0)
    if len(classes) == 1:
        return dict.fromkeys(classes, chosen / people)
    low, high = 0.0, 1.0
    while _expected(classes, high) < chosen:
        high *= 2
    for _step in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _expected(classes, middle) < chosen else (low, middle)
    return {weight: 1 - exp(-weight * high) for weight in classes}


def _expected(classes, threshold):
    return sum(count * (1 - exp(-weight * threshold)) for weight, count in classes.items())
