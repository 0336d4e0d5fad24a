"""One line for each act, written in the act's own transaction."""

from audit.append import append
from audit.context import acting
from audit.models import AuditEvent, Outcome


def name_of(thing) -> str:
    """How the log names a row, e.g. `exams.attempt:17`."""
    return f"{thing._meta.label_lower}:{thing.pk}"


WHOEVER_ACTS = object()


def record(action, target, *, by=WHOEVER_ACTS, on_behalf=None, outcome=Outcome.DONE, **data):
    """Write down one act; `by` defaults to whoever acts in this request, None is the house itself.

    Who acts in another's name stands as the actor, the other beside her; `on_behalf` says so where the request does not.
    """
    return record_many([(action, target, data)], by=by, on_behalf=on_behalf, outcome=outcome)[0]


def record_many(acts, *, by=WHOEVER_ACTS, on_behalf=None, outcome=Outcome.DONE):
    """Write down several acts of one person with one statement: [(action, target, data), …]."""
    now = acting()
    actor, represented = now.hands(now.user if by is WHOEVER_ACTS else by)
    represented = represented or on_behalf
    known = actor is not None and getattr(actor, "is_authenticated", False)
    return append(
        AuditEvent(
            actor_id=actor.pk if known else None,
            actor_name=str(actor)[:100] if known else "",
            action=action,
            target=name_of(target),
            target_label=str(target)[:200],
            data=data,
            request_id=now.request_id,
            address=now.address,
            outcome=str(outcome),
            on_behalf_id=represented.pk if represented is not None else None,
            on_behalf_name=str(represented)[:100] if represented is not None else "",
        )
        for action, target, data in acts
    )
