"""Who acts, in which request, from where: set once at the door, read by whoever records."""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Acting:
    """The circumstances of an act."""

    user: object = None
    request_id: str = ""
    address: str = ""


_acting: ContextVar[Acting] = ContextVar("acting", default=Acting())  # noqa: B039 frozen, so it cannot be changed


def acting() -> Acting:
    """The circumstances now."""
    return _acting.get()


@contextmanager
def acting_as(user=None, *, request_id="", address=""):
    """Within this block the given person acts."""
    token = _acting.set(Acting(user, request_id, address))
    try:
        yield
    finally:
        _acting.reset(token)
