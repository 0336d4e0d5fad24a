"""After an exam: short lessons on what was missed."""

from django.db import transaction

from accounts import oneself
from audit.append import append
from audit.log import record_many
from courses.engine.remedies import choose
from courses.models import Suggestion, SuggestionReading
from courses.queries import after
from exams.models import Attempt


@transaction.atomic
def suggest(attempt):
    """Write down at most three lessons on what an attempt missed, once: whoever comes second, or after a regrade, finds them written."""
    # The lock lets two that look at the same moment take turns; the second finds what the first wrote.
    attempt = (
        Attempt.objects.select_for_update(of=("self",), no_key=True)
        .select_related("registration__candidate__merged_into")
        .get(pk=attempt.pk)
    )
    if attempt.state != Attempt.State.SUBMITTED or Suggestion.objects.filter(attempt=attempt).exists():
        return
    person = oneself.the_one(attempt.registration.candidate)
    misses = after.misses_of(attempt)
    offers = after.offers_to(person) if misses else ()
    if not offers:
        return
    made = append(
        Suggestion(
            person=person,
            attempt=attempt,
            rank=pick.rank,
            revision_id=pick.revision,
            provision_id=pick.provision,
            topic_id=pick.topic,
            points=pick.points,
        )
        for pick in choose(misses, offers, after.provisions_of(miss.topic for miss in misses))
    )
    record_many(
        [("lesson.suggested", row, {"attempt": attempt.pk, "lesson": row.revision_id}) for row in made],
        by=None,
    )


@transaction.atomic
def note_read(suggestion):
    """Note that she has read a suggested lesson; the second time changes nothing."""
    _row, is_new = SuggestionReading.objects.get_or_create(suggestion=suggestion)
    if is_new:
        record_many([("lesson.suggestion_read", suggestion, {})])
