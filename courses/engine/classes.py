"""Signing in to a class: the code that turns, and the minutes of a presence that count; without Django, without a clock of its own."""

from hmac import compare_digest

from exams.engine import startcode

TURN = 15  # seconds for which a code is shown; it is still taken for one turn more, since scanning takes its time
REMEMBERED = 40  # turns for which an old code is known as an old one, and not as a guess
GOOD, OLD, WRONG = "good", "old", "wrong"


def turn(now):
    """The number of the turn to which a moment belongs."""
    return int(now.timestamp()) // TURN


def seconds_left(now):
    """For how long the code of this moment will still be shown, 1 to TURN."""
    return TURN - int(now.timestamp()) % TURN


def code(secret, now):
    """The code of this moment."""
    return startcode.code(secret, turn(now))


def judge(secret, typed, now):
    """Whether what was scanned or typed is the code of this turn or the one before, was one some minutes ago, or is none."""
    given, here = startcode.read(typed).encode(), turn(now)
    known = [
        age for age in range(REMEMBERED) if compare_digest(startcode.code(secret, here - age).encode(), given)
    ]
    if not known:
        return WRONG
    return GOOD if known[0] <= 1 else OLD


def minutes(signs, begins, ends, most):
    """Whole minutes that count: presence between arriving and leaving, as far as it lies in the class, and never more than `most`.

    `signs` are (moment, whether she arrives) in the order in which they were written. An arrival that no leaving follows counts
    nothing: nobody knows how long she stayed.
    """
    total, since = 0.0, None
    for moment, arrives in signs:
        if arrives:
            since = moment if since is None else since
        elif since is not None:
            total += max(0.0, (min(moment, ends) - max(since, begins)).total_seconds())
            since = None
    return min(int(total // 60), most)
