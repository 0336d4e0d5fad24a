"""What several sections read: once for a package, however many sections ask."""

from collections import defaultdict

from audit.log import name_of
from exams.models import Attempt
from supervision.models import Examinee, Retake, SpotCheck
from supervision.packing import row_of
from supervision.queries import sittings

State = SpotCheck.State
OVER = (State.CONCLUDED, State.PUBLISHED, State.CLOSED)
SHEETS = "supervision.paperresult:"  # how the subjects of scanned answer sheets begin


def is_over(pack):
    """Whether items, keys and answers may stand in the package: not before the exam is over for everybody, retakes included."""
    if "over" not in pack.known:
        check = pack.check
        runs = (
            check.retakes.filter(state=Retake.State.CALLED, session__closes_at__gt=pack.now).exists()
            or Attempt.objects.filter(
                registration__examinee__check_of=check, state=Attempt.State.IN_PROGRESS
            ).exists()
        )
        is_past = check.state in OVER or bool(check.session_id and pack.now >= check.session.closes_at)
        pack.known["over"] = is_past and not runs
    return pack.known["over"]


def people_of(pack):
    """Everybody who was called and counts, in every round."""
    if "people" not in pack.known:
        pack.known["people"] = list(sittings.examinees(pack.check))
    return pack.known["people"]


def outcomes_of(pack):
    """The outcome that counts of each of them: {examinee's key: outcome}."""
    if "outcomes" not in pack.known:
        pack.known["outcomes"] = sittings.outcomes_of(people_of(pack))
    return pack.known["outcomes"]


def named(pack, key, **more):
    """Who an examinee is, by her key, in columns; also somebody whose place another took."""
    if "named" not in pack.known:
        rows = Examinee.objects.filter(check_of=pack.check).select_related("registration__candidate")
        pack.known["named"] = {one.pk: one for one in rows}
    one = pack.known["named"].get(key)
    return {"examinee": key, "name": one.registration.candidate.name if one else "", **more}


def round_of(pack, key):
    """The round of an examinee, by her key."""
    named(pack, key)
    return pack.known["named"][key].round


def evidence_of(pack):
    """All files of the case in their order."""
    if "evidence" not in pack.known:
        pack.known["evidence"] = list(pack.check.evidence.select_related("by"))
    return pack.known["evidence"]


def is_given(pack, one):
    """Whether a file itself may stand in the package: a scanned answer sheet not before the exam is over."""
    return not one.subject.startswith(SHEETS) or is_over(pack)


def place_of(one):
    """Where a file of the case stands in the package."""
    return f"evidence/{one.pk}-{one.name}"


def files_at(pack, thing):
    """The places of the files that hang on a row of the case."""
    if "files" not in pack.known:
        found = defaultdict(list)
        for one in evidence_of(pack):
            if is_given(pack, one):
                found[one.subject].append(place_of(one))
        pack.known["files"] = found
    return list(pack.known["files"].get(name_of(thing), ()))


def hung(name, thing, *names):
    """What hangs on a row at most once, in columns of its name."""
    one = getattr(thing, name, None)
    return {f"{name}_{key}": value for key, value in row_of(one, *names).items()} if one else {}
