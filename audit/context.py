"""Who acts, in which request, from where: set once at the door, read by whoever records."""

from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

MOST_REFUSALS = 20  # noted in one request


class Pair(Protocol):
    """Somebody who acts in another's name, and that other."""

    real: object
    represented: object


def nobody():
    """The pair where everybody acts in her own name."""


@dataclass(frozen=True)
class Acting:
    """The circumstances of an act; `refusals` is where what was refused waits for the end of the request.

    `user` is in whose name the request acts; `pair` gives who really does it where that is somebody else. It is asked when an act
    is written down, for until somebody looks nobody knows who is there.
    """

    user: object = None
    request_id: str = ""
    address: str = ""
    refusals: list | None = None
    pair: Callable[[], Pair | None] = nobody

    @property
    def represented(self):
        """In whose name somebody else acts, or None."""
        return found.represented if (found := self.pair()) else None

    @property
    def real(self):
        """Who really acts."""
        return found.real if (found := self.pair()) else self.user

    def hands(self, by):
        """(who really acts, for whom or None) where something is done by `by`."""
        found = self.pair()
        if found is None or by is None or getattr(by, "pk", None) != found.represented.pk:
            return by, None
        return found.real, found.represented


_acting: ContextVar[Acting] = ContextVar("acting", default=Acting())  # noqa: B039 frozen, so it cannot be changed


def acting() -> Acting:
    """The circumstances now."""
    return _acting.get()


def note_refusal(action, target, by, data):
    """Keep a refusal until the transaction that it ends is rolled back; nothing where nobody collects refusals."""
    kept = acting().refusals
    if kept is not None and len(kept) < MOST_REFUSALS:
        kept.append((action, target, by, data))


def both(real, represented) -> str:
    """Two names as one, whichever language is spoken just now: it is kept for years."""
    return f"{str(real)[:45]}（代 {str(represented)[:45]}）"


def signed(by) -> str:
    """The name that a record keeps of who did something: who really did it and, if in another's name, in whose."""
    real, represented = acting().hands(by)
    return both(real, represented) if represented is not None else str(real)


@contextmanager
def acting_as(user=None, *, request_id="", address="", refusals=None, pair=nobody):
    """Within this block the given person acts, or in her name whoever the pair tells."""
    token = _acting.set(Acting(user, request_id, address, refusals, pair))
    try:
        yield
    finally:
        _acting.reset(token)
