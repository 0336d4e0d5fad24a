"""The emergency answer file: what a page without a line gave the candidate to carry, read, weighed and accepted.

Only the page of one attempt and the house hold the key that it is encrypted with, so whatever opens comes from that page. When it
was written it says itself: whoever accepts it vouches, with a reason, for where the file was since.
"""

import json
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.append import append
from audit.log import record
from audit.transitions import Refused
from exams import tokens
from exams.actions import attempts, interventions, regrading, saving, scoring, sealing
from exams.actions.scoring import COUNTS, SAME
from exams.engine import chain, clock
from exams.engine.chance import digest
from exams.engine.items import ITEM_TYPES
from exams.models import Attempt, Filing, Intervention
from exams.queries import live, papers

__all__ = ["LARGEST", "SAME", "accept", "compared", "read", "why_not"]

FORMAT = "zhikao-answers/2"
LARGEST = 2_000_000
MOST_ENTRIES = 2_000
IV, TAG = 12, 16
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_MS = 4_102_444_800_000  # the year 2100


@dataclass(frozen=True)
class File:
    """A file that opened: of which attempt, when its page wrote it, what it says, and the digest of that."""

    attempt_id: int
    made_at: datetime
    entries: list
    digest: str


@dataclass(frozen=True)
class Accepted:
    """What came of a file: how many answers it changed, and the regrade where the attempt was over."""

    count: int
    regraded: regrading.Regraded | None = None


# --- reading ----------------------------------------------------------------------------------------------------------


def read(raw, session):
    """Give the File that somebody brought for a session; Refused, with the reason, for anything else."""
    if len(raw) > LARGEST:
        raise Refused(_("文件过大，不是应急答卷。"))
    try:
        outer = _object(raw)
        key, code, box = outer["attempt"], outer.get("session"), outer["box"]
        if outer["format"] != FORMAT or not isinstance(box, str):
            raise ValueError("not our format")
        key, box = _whole(key, 1, 2**63 - 1), b64decode(box, validate=True)
        if len(box) < IV + TAG:
            raise ValueError("nothing in it")
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise Refused(_("这不是应急答卷文件。")) from problem
    attempt = Attempt.objects.filter(pk=key, registration__session=session).first()
    if attempt is None or code not in (None, session.code):
        raise Refused(_("这份应急答卷不属于本场次。"))
    return _read(attempt, _opened(key, box))


def _opened(key, box):
    aes, about = AESGCM(tokens.shelf_key(key)), f"{FORMAT}:{key}".encode()
    try:
        return aes.decrypt(box[:IV], box[IV:], about)
    except InvalidTag as problem:
        raise Refused(_("文件无法打开：它不是由这份答卷的页面生成的，或已被改动。")) from problem


def _read(attempt, text):
    try:
        inner = _object(text)
        if inner["attempt"] != attempt.pk:
            raise Refused(_("文件里的作答属于另一份答卷。"))
        made_at, entries = _moment(inner["made_at"]), inner["entries"]
        if not isinstance(entries, list):
            raise TypeError("not a list")
        if len(entries) > MOST_ENTRIES:
            raise Refused(_("文件里的作答过多。"))
        paper = papers.outline(attempt.paper_id)
        entries = [_entry(attempt.pk, paper, entry) for entry in entries]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise Refused(_("应急答卷的内容无法识别。")) from problem
    if not entries:
        raise Refused(_("文件里没有作答。"))
    entries.sort(key=lambda entry: (entry["number"], entry["position"], entry["at"]))
    return File(attempt.pk, made_at, entries, digest([attempt.pk, entries]))


def _entry(key, paper, entry):
    """One entry in the form that is kept: the authors' ids in place of the page's tokens, times in their one spelling."""
    position = _whole(entry["position"], 1, len(paper.places))
    flagged = entry.get("flagged", False)
    if not isinstance(flagged, bool):
        raise TypeError("not a flag")
    return {
        "number": _whole(entry["number"], 1, 2**31 - 1),
        "position": position,
        "payload": saving.canonical(key, paper, position, entry["payload"], sealed=True),
        "flagged": flagged,
        "at": chain.stamp(_moment(entry["at"])),
    }


def _object(text):
    value = json.loads(text, object_pairs_hook=_once, parse_constant=_never)
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _once(pairs):
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError("a key twice")
    return found


def _never(name):
    raise ValueError(name)


def _whole(value, least, most):
    if type(value) is not int or not least <= value <= most:
        raise ValueError("not a number that may stand here")
    return value


def _moment(milliseconds):
    return EPOCH + timedelta(milliseconds=_whole(milliseconds, 0, MOST_MS))


# --- weighing and accepting -------------------------------------------------------------------------------------------


def weighed(attempt, file):
    """Give (what counts now, {position: Weighed}) of an attempt and a file for it."""
    until = None if attempt.state == Attempt.State.IN_PROGRESS else scoring.until(attempt)
    said = scoring.counted(attempt)
    return said, scoring.weigh(said, file.entries, until)


def compared(attempt, file):
    """Give a dict for each position of a file: how it is told to the desk, without key and score, and what would become of it."""
    said, weights = weighed(attempt, file)
    places, shown_as = papers.places(attempt.paper), attempt.layout["order"]
    rows = []
    for position, one in weights.items():
        place, layout = places[position], attempt.layout["options"].get(str(position))
        known = said[position].payload if position in said else {}
        told = [
            ITEM_TYPES[place.type].tell(place.body, payload, layout) for payload in (known, one.event.payload)
        ]
        rows.append(
            {
                "number": shown_as.index(position) + 1,
                "type": _(ITEM_TYPES[place.type].label),
                "stored": _(told[0]),
                "filed": _(told[1]),
                "at": one.event.saved_at,
                "fate": one.fate,
            }
        )
    return sorted(rows, key=lambda row: row["number"])


def why_not(attempt, file, by):
    """Why a file may not be accepted by somebody, as a sentence, or nothing."""
    if attempt.state == Attempt.State.VOIDED:
        return _("答卷已作废，不能再导入。")
    if earlier := Filing.objects.filter(attempt=attempt, digest=file.digest).first():
        at = live.clock_time(earlier.at)
        return _("这个文件已于 %(time)s 导入过，什么都没有改动。") % {"time": at}
    is_over = attempt.state != Attempt.State.IN_PROGRESS
    if is_over and not live.decided_by(by).filter(pk=attempt.pk).exists():
        return _("答卷已交，须由组织本场考试的监管部门导入。")
    if not any(one.fate == COUNTS for one in weighed(attempt, file)[1].values()):
        return _("这个文件不会改变任何作答，什么都没有改动。")
    return ""


@transaction.atomic
def accept(attempt, file, *, why, by, now=None):
    """Let the answers of a file count: into the chain of a running attempt, or by the next result of one that is over.

    Lock; close it if its time is over; ask once more whether it may be; append what differs and the file itself.
    """
    attempt, why = attempts.locked(attempt.pk), why.strip()[:200]
    now = now or timezone.now()
    is_running = attempt.state == Attempt.State.IN_PROGRESS
    if is_running and attempts.is_overdue(attempt, attempt.registration.session, now):
        attempts.close(attempt, ended_by=Attempt.EndedBy.DEADLINE, by=None, now=now)
        is_running = False
    if reason := _("请写明原因。") if not why else why_not(attempt, file, by):
        raise Refused(reason)
    changed = [one.event for one in weighed(attempt, file)[1].values() if one.fate == COUNTS]
    if is_running:
        _into_the_chain(attempt, changed, why, by, now)
        _keep(attempt, file, None, why, by, now)
        return Accepted(len(changed))
    said = scoring.laid_over(scoring.counted(attempt), file.entries, scoring.until(attempt))
    regraded = regrading.again(attempt, said, why=why, by=by)
    filing = _keep(attempt, file, regraded.result, why, by, now)
    positions = [event.position for event in changed]
    record(
        "attempt.filed_after",
        attempt,
        by=by,
        why=why,
        number=filing.number,
        file=file.digest,
        positions=positions,
        seal=filing.seal,
    )
    return Accepted(len(changed), regraded)


def _into_the_chain(attempt, changed, why, by, now):
    """Append the answers with the next numbers, as if the page had sent them now, and note the intervention."""
    candidate = attempt.registration.candidate_id
    running = saving.Running(*saving.LOCKED.one(pk=attempt.pk, candidate=candidate))
    if running.paused_at:  # her time stands still: it would end so much later if she went on at this moment
        running.deadline = clock.moved(running.deadline, clock.paused_seconds(running.paused_at, now))
    numbered = enumerate(changed, start=(running.last or 0) + 1)
    entries = [
        saving.Entry(number, event.position, event.payload, event.flagged) for number, event in numbered
    ]
    running.append(entries, now)
    interventions.note([attempt], Intervention.Kind.FILED, why=why, by=by, now=now)


def _keep(attempt, file, result, why, by, now):
    filing = Filing(
        attempt=attempt,
        number=Filing.objects.filter(attempt=attempt).count() + 1,
        digest=file.digest,
        made_at=file.made_at,
        entries=file.entries,
        result=result,
        why=why,
        by=by,
        at=now,
    )
    filing.seal = sealing.of_filing(attempt, filing)
    append([filing])
    return filing
