"""Reads of what is published: what strangers see now, what may be corrected, who may object."""

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.utils import translation

from accounts.identifiers import mask_name
from audit.log import name_of
from supervision.models import Evidence, Examinee, Minutes, Objection, Publication, Withdrawal
from supervision.queries import minutes as minutes_queries
from supervision.queries import sittings

COLUMNS = ("enterprise", "name", "post", "conclusion", "on", "organ")


def rows_of(kept):
    """What is published of minutes: enterprise, masked name, post, conclusion, day, organ; nothing else."""
    with translation.override("zh-hans"):
        return [
            {
                "enterprise": row.facts["enterprise"]["name"],
                "name": mask_name(row.facts["person"]["name"]),
                "post": row.facts["person"]["post"],
                "conclusion": row.facts["conclusion_text"],
                "on": row.facts["on"],
                "organ": row.facts["organ"],
            }
            for row in kept
        ]


def newest():
    """Of each round that was published the version that counts."""
    last = (
        Publication.objects.filter(check_of=OuterRef("check_of"), round=OuterRef("round"))
        .order_by("-number")
        .values("pk")[:1]
    )
    return (
        Publication.objects.filter(pk=Subquery(last))
        .select_related("check_of__unit", "by")
        .order_by("-at", "-pk")
    )


def of_check(check):
    """The newest publications of a check: {round: publication}."""
    return {one.round: one for one in newest().filter(check_of=check)}


@dataclass(frozen=True)
class Line:
    """One line as it stands now: what was published, or a note in its place."""

    row: dict
    examinee: int
    withdrawal: Withdrawal | None
    is_changing: bool  # the outcome was changed and is not confirmed and published anew yet


@dataclass(frozen=True)
class Shown:
    """What a publication says now."""

    publication: Publication
    lines: list
    withdrawal: Withdrawal | None  # of all of it

    @property
    def note(self):
        """Why nothing of it is shown any more; empty as long as it is."""
        if self.withdrawal:
            return self.withdrawal.why
        return self.publication.check_of.abandoned_why


def shown(publication):
    """What strangers may read of a publication now; names that were withdrawn are in nothing that this gives but the office's rows."""
    keys = publication.minutes
    examinees = dict(Minutes.objects.filter(pk__in=keys).values_list("pk", "examinee_id"))
    newest = set(
        Minutes.objects.newest().filter(examinee__in=examinees.values()).values_list("pk", flat=True)
    )
    outcomes = sittings.outcomes_of(Examinee.objects.filter(pk__in=examinees.values()))
    told = dict(Minutes.objects.filter(pk__in=keys).values_list("pk", "outcome_id"))
    taken, whole = {}, None
    for one in Withdrawal.objects.filter(check_of=publication.check_of_id, round=publication.round):
        if one.examinee_id:
            taken[one.examinee_id] = one
        else:
            whole = one
    lines = [
        Line(
            row,
            examinees[key],
            taken.get(examinees[key]),
            key not in newest or outcomes[examinees[key]].pk != told[key],
        )
        for row, key in zip(publication.rows, keys, strict=True)
    ]
    return Shown(publication, lines, whole)


def public_rows(found):
    """The rows for strangers, in the order of the columns: a withdrawn line keeps no name, a changing one no conclusion."""
    if found.note:
        return []
    rows = []
    for line in found.lines:
        told = dict(line.row)
        if line.withdrawal:
            told = dict.fromkeys(COLUMNS, "")
        elif line.is_changing:
            told["conclusion"] = ""
        rows.append((line, [told[name] for name in COLUMNS]))
    return rows


def is_open(publication, today):
    """Whether objections may still be made."""
    return today <= publication.objections_until


def objections(examinees):
    """Objections of examinees with what was decided, in their order."""
    return (
        Objection.objects.filter(examinee__in=examinees)
        .select_related("by", "decision__by", "publication", "examinee__registration__candidate")
        .order_by("pk")
    )


def files_of(objections):
    """{objection's key: its files}."""
    names = {name_of(one): one.pk for one in objections}
    found = {}
    for file in Evidence.objects.filter(subject__in=names).order_by("pk"):
        found.setdefault(names[file.subject], []).append(file)
    return found


def waiting(check):
    """Objections of a check that nobody has decided."""
    return Objection.objects.filter(publication__check_of=check, decision__isnull=True)


@dataclass(frozen=True)
class Round:
    """How far the results of one round are."""

    number: int
    examinees: list
    outcomes: dict
    kept: dict
    publication: Publication | None

    @property
    def unsettled(self):
        """Who has no outcome yet."""
        return [one for one in self.examinees if one.pk not in self.outcomes]

    @property
    def due(self):
        """Whose outcome no minutes tell of."""
        return [
            one
            for one in self.examinees
            if minutes_queries.is_due(self.outcomes.get(one.pk), self.kept.get(one.pk))
        ]

    @property
    def unconfirmed(self):
        """Whose minutes are not confirmed."""
        due = {one.pk for one in self.due}
        return [
            one
            for one in self.examinees
            if one.pk in self.outcomes and (one.pk in due or not self.kept[one.pk].standing.is_confirmed)
        ]

    @property
    def is_confirmed(self):
        """Whether all of it may be published."""
        return bool(self.examinees) and not self.unsettled and not self.unconfirmed

    @property
    def is_behind(self):
        """Whether what is published is not what the minutes say now."""
        if self.publication is None:
            return False
        return sorted(self.publication.minutes) != sorted(kept.row.pk for kept in self.kept.values())


def rounds(check, people=None):
    """The rounds of a check with how far each is; the queries do not depend on how many people they have."""
    people = list(sittings.examinees(check)) if people is None else people
    outcomes, kept = sittings.outcomes_of(people), minutes_queries.of_check(check)
    published, found = of_check(check), {}
    for one in people:
        found.setdefault(one.round, []).append(one)
    return [
        Round(
            number,
            some,
            {one.pk: outcomes[one.pk] for one in some if one.pk in outcomes},
            {one.pk: kept[one.pk] for one in some if one.pk in kept},
            published.get(number),
        )
        for number, some in sorted(found.items())
    ]
