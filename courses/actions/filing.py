"""Versions of training files: kept when they are printed or confirmed, and only where they say something new."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.append import append
from audit.context import acting
from audit.log import record
from audit.transitions import Refused
from courses.models import Acknowledgement, TrainingFile
from courses.queries import files
from exams.engine.chance import digest

TRIES = 3


def keep_many(told, enterprise, year, *, by):
    """Keep what the files of people say, {person: facts} with None for the cover; gives the version of each, the known one where it
    says the same.
    """
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                return _keep(told, enterprise, year, by)
        except IntegrityError:
            continue  # somebody else kept one at the same moment; whoever looks again finds it
    return _keep(told, enterprise, year, by)


def _keep(told, enterprise, year, by):
    newest = files.newest_of(list(told), enterprise, year)
    made = append(
        TrainingFile(
            enterprise=enterprise,
            person_id=person,
            year=year,
            number=newest[person].number + 1 if person in newest else 1,
            facts=facts,
            digest=digest(facts),
            by=by,
        )
        for person, facts in told.items()
        if person not in newest or newest[person].digest != digest(facts)
    )
    return newest | {row.person_id: row for row in made}


def why_not_confirm(facts, confirmed, seen):
    """Why she cannot confirm her file: it says something else by now than what she saw, or she has confirmed it already."""
    if seen != digest(facts):
        return _("档案内容刚刚有更新，请核对后再确认。")
    if files.is_confirmed(facts, confirmed):
        return _("您已确认过这份档案。")
    return ""


@transaction.atomic
def confirm(person, enterprise, year, *, seen):
    """The person herself says that her file of a year is right, as she saw it; done twice it changes nothing."""
    if acting().represented is not None:
        raise Refused(_("培训档案只能由本人确认。"))
    facts = files.facts_of([person], enterprise, year)[person.pk]
    confirmed = files.confirmed_of([person.pk], enterprise, year).get(person.pk)
    if reason := why_not_confirm(facts, confirmed, seen):
        raise Refused(reason)
    row = keep_many({person.pk: facts}, enterprise, year, by=person)[person.pk]
    made, is_new = Acknowledgement.objects.get_or_create(
        file=row,
        defaults={"person": person, "account": person.username, "digest": row.digest, "at": timezone.now()},
    )
    if is_new:
        record("training_file.confirmed", row, by=person, digest=row.digest, year=year)
    return made
