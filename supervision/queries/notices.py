"""Reads of notices, their readings, and absences asked for; each costs the same for one examinee as for many."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils import timezone

from audit.log import name_of
from exams.models import Seat
from supervision.models import (
    AbsenceRequest,
    Evidence,
    Examinee,
    NoticeReading,
    Outcome,
    SpotCheck,
    SpotNotice,
)
from supervision.models.notices import Addressee

WITH_READINGS = Prefetch("readings", NoticeReading.objects.select_related("by"), "all_readings")


def notices_of(examinees):
    """The last notice of each of these examinees, with its readings: {key of the examinee: notice}."""
    rows = SpotNotice.objects.filter(examinee__in=[one.pk for one in examinees]).newest()
    return {row.examinee_id: row for row in rows.select_related("unit", "by").prefetch_related(WITH_READINGS)}


def versions_of(examinee):
    """All notices of an examinee with their readings, the newest first."""
    return list(examinee.notices.select_related("unit", "by").prefetch_related(WITH_READINGS).order_by("-number"))  # fmt: skip


def seats_of(examinees):
    """{key of the registration: seat with its room} of these examinees."""
    rows = Seat.objects.filter(registration__in=[one.registration_id for one in examinees])
    return {row.registration_id: row for row in rows.select_related("room")}


def last_words(check):
    """What the last summons of a check said to bring and whom to call: (bring, contact), or None before any was issued."""
    rows = SpotNotice.objects.filter(examinee__check_of=check, kind=SpotNotice.Kind.SUMMONS)
    return rows.order_by("-pk").values_list("bring", "contact").first()


def sides_of(user, notice):
    """As whom a person opens a notice: as the examinee, as her enterprise's manager, both, or neither."""
    found = []
    if SpotNotice.objects.of(user).filter(pk=notice.pk).exists():
        found.append(Addressee.PERSON)
    if SpotNotice.objects.managed_by(user).filter(pk=notice.pk).exists():
        found.append(Addressee.ENTERPRISE)
    return found


# A notice is shown on a home until its day is over, and a cancelled one until it was read.
def _with_side(rows, side):
    read = NoticeReading.objects.filter(notice=OuterRef("pk"), side=side)
    return (
        rows.newest()
        .annotate(is_read=Exists(read))
        .filter(Q(is_read=False) | Q(closes_at__gt=timezone.now(), kind=SpotNotice.Kind.SUMMONS))
        .select_related("unit", "examinee__registration__candidate")
        .order_by("is_read", "opens_at", "pk")
    )


def at_home_of_person(user):
    """What a person finds on her home, the unread first; one query."""
    return _with_side(SpotNotice.objects.of(user), Addressee.PERSON)


def at_home_of_enterprise(user, enterprise):
    """What the manager of an enterprise finds on its page, the unread first; one query."""
    rows = SpotNotice.objects.managed_by(user).filter(examinee__registration__post__enterprise=enterprise)
    return _with_side(rows, Addressee.ENTERPRISE)


@dataclass(frozen=True)
class Told:
    """What one examinee was told: her last notice, if any, and who of the two sides read it."""

    examinee: Examinee
    notice: SpotNotice | None

    def reading(self, side):
        """The reading of one side, or None."""
        return next((row for row in self.notice.all_readings if row.side == side), None) if self.notice else None  # fmt: skip

    @property
    def by_person(self):
        """When the examinee read it, or None."""
        return self.reading(Addressee.PERSON)

    @property
    def by_enterprise(self):
        """When her enterprise read it, or None."""
        return self.reading(Addressee.ENTERPRISE)


def told(examinees):
    """What each of these examinees was told: two queries."""
    found = notices_of(examinees)
    return [Told(one, found.get(one.pk)) for one in examinees]


def requests_of(examinees):
    """The absences that were asked for these examinees, undecided ones first, then the newest."""
    rows = AbsenceRequest.objects.filter(examinee__in=[one.pk for one in examinees])
    rows = rows.select_related("by", "decision__by", "examinee__registration__candidate")
    return sorted(rows.order_by("-pk"), key=lambda row: hasattr(row, "decision"))


def with_papers(requests):
    """Each request with the files that prove it: [(request, files)]; one query."""
    found = {name_of(one): [] for one in requests}
    for file in Evidence.objects.filter(subject__in=found):
        found[file.subject].append(file)
    return [(one, found[name_of(one)]) for one in requests]


def absences(examinees):
    """({key of the examinee: decision} where an absence was granted, keys of those whose request nobody answered); one query."""
    rows = AbsenceRequest.objects.filter(examinee__in=[one.pk for one in examinees])
    granted, asked = {}, set()
    for row in rows.select_related("decision"):
        if not hasattr(row, "decision"):
            asked.add(row.examinee_id)
        elif row.decision.is_granted:
            granted[row.examinee_id] = row.decision
    return granted, asked


def owed(user):
    """Who was excused and is still owed a sitting, in the checks of a person's organs, the longest first.

    Not who was called again since, nor who passed in another round, nor about whom somebody decided.
    """
    newest = Outcome.objects.filter(examinee=OuterRef("pk")).order_by("-number").values("conclusion")[:1]
    hers = Examinee.objects.filter(drawn=OuterRef("drawn"))
    again = hers.filter(round__gt=OuterRef("round"))
    passed = hers.annotate(conclusion=newest).filter(conclusion=Outcome.Conclusion.PASSED)
    decided = hers.filter(decisions__isnull=False)
    return (
        Examinee.objects.filter(check_of__in=SpotCheck.objects.run_by(user))
        .exclude(check_of__state=SpotCheck.State.ABANDONED)
        .annotate(conclusion=newest)
        .filter(~Exists(again), ~Exists(passed), ~Exists(decided), conclusion=Outcome.Conclusion.EXCUSED)
        .select_related("check_of__unit", "registration__candidate", "registration__session", "registration__post__enterprise__unit")
        .order_by("registration__session__closes_at", "pk")
    )  # fmt: skip
