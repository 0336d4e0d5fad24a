"""How many alerts lie below which unit, pure: enterprises are read once, however many people are written to."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from accounts.alerts import Alert
from accounts.tree import upward

ENTERPRISES = "enterprises"


def below(alerts: Iterable[Alert], paths: Mapping[int, str]) -> dict[str, Counter]:
    """For each unit above an alert, the enterprise itself among them: how many of each sort, and in how many enterprises."""
    own = defaultdict(Counter)
    for alert in alerts:
        own[alert.enterprise][alert.what] += 1
    found = defaultdict(Counter)
    for enterprise, counts in own.items():
        counts[ENTERPRISES] = 1
        for place in upward(paths[enterprise]):
            found[place] += counts
    return dict(found)


def of_one(paths: Iterable[str], found: Mapping[str, Counter]) -> Counter:
    """What lies below any of these paths, nothing of it twice."""
    paths = set(paths)
    outermost = [path for path in paths if not paths & set(upward(path)[:-1])]
    return sum((found.get(path, Counter()) for path in outermost), Counter())
