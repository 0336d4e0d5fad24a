"""Which posts an enterprise owes and which are validly filled today, pure. Source: orders 75 and 76 of SAMR, on appointing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

N_ = lambda text: text  # noqa: E731 - marks a sentence for translation, which the caller does

PRINCIPAL, DIRECTOR, OFFICER = "principal", "director", "officer"
KINDS = (PRINCIPAL, DIRECTOR, OFFICER)
BIG = ("large", "medium")

VALID, UNQUALIFIED, VACANT = "valid", "unqualified", "vacant"

# The rules demand training and a passed exam of the two kinds of officers; a principal answers by office alone.
NEEDS_CERTIFICATE = frozenset({DIRECTOR, OFFICER})

# Standings of a person in a post.
GOOD, ENDING, BY_OFFICE, EXPIRED, SUSPENDED, MISSING = (
    "good",
    "ending",
    "by_office",
    "expired",
    "suspended",
    "missing",
)
SOON = 60  # days before the end at which a certificate is to be renewed
FOREVER = "9999-12-31"


def days_left(until: date | None, today: date) -> int | None:
    """How many days a certificate still holds, its last day and today included; nothing if it does not lapse."""
    return None if until is None else max(0, (until - today).days + 1)


def is_ending(until: date, today: date) -> bool:
    """Whether it is time to renew what holds until a day."""
    return today <= until <= today + timedelta(days=SOON)


GAPS = {
    (PRINCIPAL, VACANT): N_("尚未登记主要负责人。"),
    (DIRECTOR, VACANT): N_("应配质量安全总监，现空缺。"),
    (OFFICER, VACANT): N_("应配质量安全员，现空缺。"),
    (DIRECTOR, UNQUALIFIED): N_("质量安全总监已任命，但无人持有今日有效的合格证明。"),
    (OFFICER, UNQUALIFIED): N_("质量安全员已任命，但无人持有今日有效的合格证明。"),
}


@dataclass(frozen=True)
class Business:
    """What an enterprise is, as far as owed posts depend on it."""

    size: str = ""
    licence: bool = False
    ccc: bool = False
    mandatory_standard: bool = False


@dataclass(frozen=True)
class Holder:
    """Somebody in post today, and whether she is qualified for it today."""

    kind: str
    person_id: int
    name: str = ""
    standing: "Standing | None" = None

    @property
    def qualified(self) -> bool:
        """Whether she is qualified for the post today."""
        return self.standing is not None and self.standing.qualified


@dataclass(frozen=True)
class Owed:
    """A post that an enterprise must fill, and the reason in a sentence."""

    kind: str
    because: str


@dataclass(frozen=True)
class Place:
    """An owed post beside those who hold it."""

    kind: str
    because: str
    holders: tuple[Holder, ...] = ()

    @property
    def state(self) -> str:
        """`valid` if somebody qualified holds it, `unqualified` if only others do, `vacant` if nobody does."""
        if not self.holders:
            return VACANT
        return VALID if any(h.qualified for h in self.holders) else UNQUALIFIED

    @property
    def gap(self) -> str:
        """What is missing, in a sentence; empty when nothing is."""
        return GAPS.get((self.kind, self.state), "")


@dataclass(frozen=True)
class Staffing:
    """All owed posts of one enterprise today."""

    places: tuple[Place, ...] = ()
    extra: tuple[Holder, ...] = ()

    @property
    def owed(self) -> int:
        """How many posts must be filled."""
        return len(self.places)

    @property
    def filled(self) -> int:
        """How many of them somebody holds."""
        return sum(place.state != VACANT for place in self.places)

    @property
    def valid(self) -> int:
        """How many of them somebody qualified holds."""
        return sum(place.state == VALID for place in self.places)

    @property
    def gaps(self) -> tuple[str, ...]:
        """What is missing, a sentence each."""
        return tuple(place.gap for place in self.places if place.gap)

    @property
    def state(self) -> str:
        """The worst of its places: vacant before unqualified before valid."""
        return worst(place.state for place in self.places)


def owed(business: Business) -> tuple[Owed, ...]:
    """The posts that a business must fill; nothing when none of its products is listed."""
    if not (business.licence or business.ccc or business.mandatory_standard):
        return ()
    posts = [Owed(PRINCIPAL, N_("主要负责人对本单位产品质量安全全面负责。"))]
    if business.licence:
        posts.append(Owed(DIRECTOR, N_("涉及工业产品生产许可证管理的产品，不论规模均应配备质量安全总监。")))
    elif business.ccc:
        posts.append(Owed(DIRECTOR, N_("涉及强制性产品认证的产品，不论规模均应配备质量安全总监。")))
    elif business.size in BIG:
        posts.append(Owed(DIRECTOR, N_("大中型单位涉及强制性国家标准的产品，应配备质量安全总监。")))
    posts.append(Owed(OFFICER, N_("列入范围的生产、销售单位均应配备质量安全员。")))
    return tuple(posts)


@dataclass(frozen=True)
class Standing:
    """How somebody in post stands today: a code, and the last day of the certificate that it rests on."""

    code: str
    until: str = ""

    @property
    def qualified(self) -> bool:
        """Whether she is qualified for the post today."""
        return self.code in (GOOD, ENDING, BY_OFFICE)


def standing(certificates: Iterable[Mapping], kind: str, on: date) -> Standing:
    """How the certificates (facts of the personnel file) make their holder stand in a kind of post on a day."""
    if kind not in NEEDS_CERTIFICATE:
        return Standing(BY_OFFICE)
    fitting = [facts for facts in certificates if (facts.get("post_kind") or kind) == kind]
    day = on.isoformat()
    unlapsed = [facts for facts in fitting if (facts.get("expires_on") or FOREVER) >= day]
    held = [facts.get("expires_on") or FOREVER for facts in unlapsed if facts.get("state") == "in_force"]
    if held:
        until = max(held)
        return Standing(ENDING if until <= (on + timedelta(days=SOON)).isoformat() else GOOD, until)
    if any(facts.get("state") == "suspended" for facts in unlapsed):
        return Standing(SUSPENDED)
    lapsed = [facts["expires_on"] for facts in fitting if facts.get("state") == "in_force"]
    return Standing(EXPIRED, max(lapsed)) if lapsed else Standing(MISSING)


def staffing(business: Business, holders: Iterable[Holder]) -> Staffing:
    """The owed posts with those who hold them; whoever holds a post that is not owed stands in `extra`."""
    holders = tuple(holders)
    places = tuple(
        Place(post.kind, post.because, tuple(h for h in holders if h.kind == post.kind))
        for post in owed(business)
    )
    kinds = {place.kind for place in places}
    return Staffing(places, tuple(h for h in holders if h.kind not in kinds))


kinds_owed = lru_cache(maxsize=64)(lambda business: tuple(post.kind for post in owed(business)))


@dataclass(frozen=True, slots=True)
class Coverage:
    """What `Staffing` says of one enterprise, for counting thousands: per owed kind its state, and who holds what until when.

    `holders` is by kind (person, last day of her best certificate or None); a test holds it against `staffing`.
    """

    pk: int
    uscc: str
    name: str
    path: str
    region: int | None
    states: Mapping[str, str]
    holders: Mapping[str, list[tuple[int, date | None]]]

    @property
    def owed(self) -> int:
        """How many posts must be filled."""
        return len(self.states)

    @property
    def filled(self) -> int:
        """How many of them somebody holds."""
        return sum(state != VACANT for state in self.states.values())

    @property
    def valid(self) -> int:
        """How many of them somebody qualified holds."""
        return sum(state == VALID for state in self.states.values())

    @property
    def state(self) -> str:
        """The worst of its places."""
        return worst(self.states.values())

    @property
    def gaps(self) -> tuple[str, ...]:
        """What is missing, a sentence each."""
        return tuple(GAPS[place] for place in self.states.items() if place[1] != VALID)


def worst(states: Iterable[str]) -> str:
    """Vacant before unqualified before valid."""
    states = set(states)
    return next((state for state in (VACANT, UNQUALIFIED) if state in states), VALID)


def state_of(kind: str, holders: Sequence[tuple[int, date | None]]) -> str:
    """The state of a place whose holders' certificates hold until these days; today is among the days asked for."""
    if not holders:
        return VACANT
    if kind not in NEEDS_CERTIFICATE:
        return VALID
    for _person, until in holders:  # a loop, for a city asks eighteen thousand times
        if until:
            return VALID
    return UNQUALIFIED
