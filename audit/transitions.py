"""The one verb by which a state changes."""

import logging

from django.db import transaction

from audit.context import acting, note_refusal
from audit.log import WHOEVER_ACTS, name_of, record

log = logging.getLogger("audit")


class Refused(Exception):
    """An act that may not be done; its text is a sentence for people."""


class Stale(Refused):
    """Somebody else changed the state first."""


def move(thing, *, to, by=WHOEVER_ACTS, why="", facts=None, **stamps):
    """Move a thing to a state its table `MOVES` allows: compare and swap on the state last seen, stamp, audit line with `facts`.

    What the table does not allow is refused, warned of in the process's log and, in a request, written down at its end: a line
    written here would be rolled back with the act that was refused.
    """
    seen = thing.state
    code = f"{thing._meta.model_name}.{to}"
    if to not in thing.MOVES.get(seen, ()):
        actor = acting().user if by is WHOEVER_ACTS else by
        log.warning("refused: %s from %s to %s by %s", name_of(thing), seen, to, getattr(actor, "pk", None))
        note_refusal(code, thing, actor, {"before": seen, "after": to, "why": why})
        raise Refused(f"{thing._meta.verbose_name}：{seen} → {to} 不被允许。")
    with transaction.atomic(savepoint=False):
        changed = type(thing)._base_manager.filter(pk=thing.pk, state=seen).update(state=to, **stamps)
        if changed:
            record(code, thing, by=by, before=seen, after=to, why=why, **(facts or {}))
    if not changed:
        raise Stale(f"{thing._meta.verbose_name}的状态刚刚被他人改变，请刷新后再试。")
    thing.state = to
    for name, value in stamps.items():
        setattr(thing, name, value)
    return thing
