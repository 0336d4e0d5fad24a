"""The queries of a sitting, prepared: everybody sends them in the same minute."""

from django.db.models import CharField, OuterRef, Q, Subquery

from accounts import oneself
from accounts.prepared import Prepared, given
from exams.models import Attempt, Intervention, Paper, Registration, Score

WITH_EVERYTHING = (
    "registration__session__exam",
    "registration__candidate",
    "registration__post__enterprise__unit",
    "paper",
    "current_result",
)

# A candidate's registration for a session by its code, with what the briefing shows; of one that was withdrawn it says so.
REGISTRATION = Prepared(
    lambda: Registration.objects.filter(
        candidate=given("user"), session__code=given("code", CharField())
    ).select_related(
        "session__exam__category",
        "session__exam__blueprint",
        "session__unit",
        "post__enterprise__unit",
        "seat__room",
    )
)
REGISTRATION_KEY = Prepared(
    lambda: Registration.objects.filter(
        candidate=given("user"), session__code=given("code", CharField())
    ).values_list("pk")
)
# A start locks first and reads afterwards: what a statement joins to a row it had to wait for is as old as its waiting.
REGISTRATION_LOCK = Prepared(
    lambda: (
        Registration.objects.filter(pk=given("pk"))
        .order_by()
        .select_for_update(no_key=True)
        .values_list("pk")
    )
)
LAST_PAPER = Paper.objects.filter(session=OuterRef("session")).order_by("-number").values("number")[:1]
REGISTRATION_TO_START = Prepared(
    lambda: (
        Registration.objects.filter(pk=given("pk"))
        .select_related("session__exam", "post", "candidate")
        .annotate(last_paper=Subquery(LAST_PAPER))
    )
)
ATTEMPTS_OF = Prepared(
    lambda: (
        Attempt.objects.filter(registration=given("registration"))
        .select_related("current_result")
        .order_by("number")
    )
)
PAPER_KEY = Prepared(
    lambda: (
        Paper.objects.filter(session=given("session"), number=given("number")).order_by().values_list("pk")
    )
)
# An attempt of hers with everything its pages show.
OWN_ATTEMPT = Prepared(
    lambda: Attempt.objects.filter(
        pk=given("pk"), registration__candidate__in=oneself.ids_of(given("user"))
    ).select_related(*WITH_EVERYTHING)
)
# Whoever runs has handed in nothing, a constraint holds that. Asked by its state, the database may find all that run at nine
# o'clock by their index and look for hers among them; this way leads through her registrations only.
RUNS = Q(submitted_at__isnull=True)
RUNNING = Prepared(
    lambda: Attempt.objects.filter(RUNS, registration__candidate=given("user")).select_related(
        "registration__session"
    )
)
# Under its lock, with what a hand-in and a release must know.
LOCKED = Prepared(
    lambda: (
        Attempt.objects.filter(pk=given("pk"))
        .select_for_update(of=("self",), no_key=True)
        .select_related("registration__session__exam__category", *WITH_EVERYTHING)
    )
)
INTERVENED = Prepared(
    lambda: Intervention.objects.filter(attempt=given("attempt")).order_by("number").values_list("link")
)
SCORES = Prepared(lambda: Score.objects.filter(result=given("result")).order_by("position"))
