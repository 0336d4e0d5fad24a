"""What the background worker does for the log."""

from django_tasks import task

from audit import roots, sealing

SEALS = 200  # in one turn; the rest waits for the next, so that a large log from before there were seals blocks nothing else
_seen = []  # the look of the turn before, while somebody who wrote then is still writing


@task()
def seal_log():
    """Seal what is settled and tell the newest root; gives how many seals that were."""
    made = seal()
    if newest := sealing.newest():
        roots.export(newest)
    return made


def seal():
    """Seal as far as the last settled look reaches.

    Usually whoever was writing at the first look is done at the second. If not, the first one is kept for the next turn: under
    many long acts that overlap there would be no moment without any, but those of one look come to an end.
    """
    seen = _seen.pop() if _seen else sealing.look()
    made, before = 0, sealing.newest()
    if not sealing.is_settled(seen):
        _seen.append(seen)
        return made
    while made < SEALS and (seal := sealing.seal_next(before, up_to=seen.last_id)):
        made, before = made + 1, seal
    return made
