"""Reads of sittings: who is examined in which round, and what came of each."""

from collections import defaultdict
from dataclasses import dataclass

from exams.models import Arrival, Attempt
from exams.queries import arrivals
from supervision.models import AbsenceDecision, Attendance, Examinee, Outcome, PaperResult
from supervision.queries import notices, paper


def examinees(check, round=None):
    """The examinees of a check that count, by round and name, with the people and enterprises behind them."""
    found = Examinee.objects.filter(check_of=check).counting()
    if round is not None:
        found = found.filter(round=round)
    return found.select_related(
        "check_of__profile",
        "drawn__line__person",
        "registration__candidate",
        "registration__session",
        "registration__post__enterprise__unit",
    ).order_by("round", "registration__candidate__name", "pk")


def outcomes_of(examinees):
    """The outcome that counts of each of these examinees: {key: outcome}; one query."""
    found = {}
    rows = Outcome.objects.filter(examinee__in=[one.pk for one in examinees]).select_related("by", "attempt")
    for row in rows.order_by("number"):
        found[row.examinee_id] = row
    return found


@dataclass(frozen=True)
class Sat:
    """What is known of an examinee: her attempt that counts, the note at the door, a granted absence, what she wrote on paper."""

    attempt: Attempt | None = None
    arrival: Arrival | None = None
    excused: AbsenceDecision | None = None
    paper: PaperResult | None = None
    asks: bool = False  # that she be excused, and nobody answered

    @property
    def is_sitting(self):
        """Whether she is answering at this moment."""
        return self.attempt is not None and self.attempt.state == Attempt.State.IN_PROGRESS

    @property
    def paper_state(self):
        """How far her result on paper is: waiting, confirmed, returned; empty where there is none that is meant to count."""
        state = paper.state_of(self.paper)
        return "" if state == "set_aside" else state


def sat(examinees):
    """What was sat, by the examinee's key: three queries, however many they are. A voided attempt counts for nothing."""
    keys = {one.registration_id: one.pk for one in examinees}
    attempts = (
        Attempt.objects.filter(registration__in=keys)
        .exclude(state=Attempt.State.VOIDED)
        .select_related("current_result", "paper")
        .order_by("number")
    )
    newest = {row.registration_id: row for row in attempts}
    notes = defaultdict(list)
    for note in Arrival.objects.filter(registration__in=keys).order_by("number"):
        notes[note.registration_id].append(note)
    (excused, asking), written = notices.absences(examinees), paper.newest_of(examinees)
    return {
        pk: Sat(
            newest.get(registration),
            arrivals.counting(notes[registration]),
            excused.get(pk),
            written.get(pk),
            pk in asking,
        )
        for registration, pk in keys.items()
    }


def attendances(check):
    """The inspectors who came, in the order in which they did."""
    return Attendance.objects.filter(check_of=check).select_related("person", "by").order_by("pk")


def lost(topics):
    """The topics in which points were lost, as outcomes keep them, in the order given."""
    return [
        {"topic": row["topic"], "points": str(row["points"]), "max_points": str(row["max_points"])}
        for row in topics
        if row["points"] < row["max_points"]
    ]
