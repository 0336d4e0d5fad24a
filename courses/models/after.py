"""What somebody was advised to learn after an exam, and that she read it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import oneself
from audit.append_only import AppendOnly
from courses.engine.remedies import MOST
from courses.models.content import LessonRevision


class Suggestions(models.QuerySet):
    """Suggestions by whose they are."""

    def of(self, user):
        """A person's own, under whichever of her accounts she sat."""
        return self.filter(person__in=oneself.ids_of(user))

    def told(self):
        """With all that a page says of them."""
        return self.select_related(
            "attempt__registration__session__exam", "revision__lesson__course", "provision__document", "topic", "reading"
        )  # fmt: skip


class Suggestion(models.Model):
    """A short lesson that helps with what was missed in an attempt: at most three, written once, whatever becomes of the result."""

    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="suggestions")
    attempt = models.ForeignKey("exams.Attempt", models.PROTECT, related_name="suggestions", db_index=False)
    rank = models.PositiveSmallIntegerField(_("顺序"))
    revision = models.ForeignKey(LessonRevision, models.PROTECT, related_name="suggestions")
    provision = models.ForeignKey("catalog.LegalProvision", models.PROTECT, related_name="+")
    # Where the lesson only stands for what was missed: no lesson cites the provision itself.
    topic = models.ForeignKey("exams.Topic", models.PROTECT, null=True, related_name="+")
    points = models.DecimalField(_("失分"), max_digits=8, decimal_places=2)
    at = models.DateTimeField(default=timezone.now)

    objects = Suggestions.as_manager()

    class Meta:
        verbose_name = _("考后推荐课时")
        ordering = ["-attempt", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "rank"], name="suggestion_rank_once"),
            models.UniqueConstraint(fields=["attempt", "revision"], name="suggestion_lesson_once"),
            models.CheckConstraint(condition=Q(rank__gte=1, rank__lte=MOST), name="suggestion_at_most_three"),
            AppendOnly(name="suggestion_append_only"),
        ]

    def __str__(self):
        return f"{self.attempt_id}:{self.rank}"


class SuggestionReading(models.Model):
    """She says that she has read it."""

    suggestion = models.OneToOneField(Suggestion, models.PROTECT, related_name="reading")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("推荐课时已读")
        constraints = [AppendOnly(name="suggestion_reading_append_only")]

    def __str__(self):
        return str(self.suggestion_id)
