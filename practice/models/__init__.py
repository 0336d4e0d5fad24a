"""What was said in practice, what is kept to come back to, and mock exams; nothing of it stands in a table of the exams."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import oneself
from audit.append_only import AppendOnly


class OwnRows(models.QuerySet):
    """Rows by whose they are."""

    def of(self, user):
        """Her own, under whichever of her accounts they were written."""
        return self.filter(person__in=oneself.ids_of(user))


class PracticeAnswer(models.Model):
    """One answer, numbered by the device on which it was given: sent twice it is written once, and the numbers are its order."""

    class Mode(models.TextChoices):
        DAILY = "daily", _("每日十题")
        TOPIC = "topic", _("章节练习")
        WRONG = "wrong", _("错题本")
        FAVOURITES = "favourites", _("收藏")
        ITEM = "item", _("单题练习")
        MOCK = "mock", _("模拟考试")

    class Confidence(models.IntegerChoices):
        UNMARKED = 0, _("未标记")
        UNSURE = 1, _("没把握")
        FAIRLY = 2, _("较有把握")
        SURE = 3, _("有把握")

    person = models.ForeignKey(
        "accounts.User", models.PROTECT, related_name="practice_answers", db_index=False
    )
    device = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    revision = models.ForeignKey("exams.ItemRevision", models.PROTECT, related_name="practice_answers")
    mode = models.CharField(_("方式"), max_length=12, choices=Mode)
    payload = models.JSONField()
    is_right = models.BooleanField(_("答对"))
    confidence = models.PositiveSmallIntegerField(_("把握"), choices=Confidence, default=Confidence.UNMARKED)
    said_at = models.DateTimeField(_("作答时间"))  # by the clock of the device, which nobody trusts
    received_at = models.DateTimeField(_("收到时间"), default=timezone.now)

    objects = OwnRows.as_manager()

    class Meta:
        verbose_name = _("练习作答")
        ordering = ["person", "device", "number"]
        constraints = [
            models.UniqueConstraint(fields=["person", "device", "number"], name="practice_answer_once"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="practice_answer_from_one"),
            AppendOnly(name="practice_answer_append_only"),
        ]

    def __str__(self):
        return f"{self.person_id} {self.device} {self.number}"


class Favourite(models.Model):
    """An item that somebody keeps to come back to; it goes when she says so."""

    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="favourites", db_index=False)
    item = models.ForeignKey("exams.Item", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = OwnRows.as_manager()

    class Meta:
        verbose_name = _("收藏的练习题")
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["person", "item"], name="favourite_once")]

    def __str__(self):
        return f"{self.person_id} {self.item_id}"


class Mock(models.Model):
    """A mock exam that was begun: which items were drawn, by which seed, and for how long; no certificate comes of it."""

    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="mocks", db_index=False)
    number = models.PositiveIntegerField()
    exam = models.ForeignKey("exams.Exam", models.PROTECT, null=True, related_name="+")
    seed = models.CharField(max_length=64)
    revisions = models.JSONField()  # keys of item revisions, in the order shown
    minutes = models.PositiveIntegerField(_("时长（分钟）"))
    begun_at = models.DateTimeField(_("开始时间"), default=timezone.now)

    objects = OwnRows.as_manager()

    class Meta:
        verbose_name = _("模拟考试")
        ordering = ["person", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["person", "number"], name="mock_number_once"),
            AppendOnly(name="mock_append_only"),
        ]

    def __str__(self):
        return f"{self.person_id} {self.number}"

    @property
    def device(self):
        """Under which name its answers are numbered; no phone may call itself so."""
        return f"mock-{self.pk}"


class MockEnd(models.Model):
    """A mock exam was handed in: how much was right, and whether in time."""

    mock = models.OneToOneField(Mock, models.PROTECT, related_name="end")
    right = models.PositiveIntegerField(_("答对"))
    total = models.PositiveIntegerField(_("题数"))
    is_late = models.BooleanField(_("超时"))
    at = models.DateTimeField(_("交卷时间"), default=timezone.now)

    class Meta:
        verbose_name = _("模拟考试结果")
        constraints = [AppendOnly(name="mock_end_append_only")]

    def __str__(self):
        return f"{self.right}/{self.total}"
