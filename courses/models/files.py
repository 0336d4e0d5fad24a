"""Training files as they were printed, confirmed by whom they tell of, and taken away by the whole enterprise."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly


class TrainingFile(models.Model):
    """What the training file of a year said when it was printed or confirmed: (enterprise, person, year, number), the highest is the
    newest; without a person it is the enterprise's cover. What says the same again makes no new one.
    """

    enterprise = models.ForeignKey(
        "accounts.Enterprise", models.PROTECT, related_name="training_files", db_index=False
    )
    person = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="training_files")
    year = models.PositiveSmallIntegerField(_("年度"))
    number = models.PositiveIntegerField(_("版本"))
    facts = models.JSONField(_("内容"))
    digest = models.CharField(_("摘要"), max_length=64)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("形成时间"), default=timezone.now)

    class Meta:
        verbose_name = _("培训档案")
        ordering = ["enterprise", "person", "year", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "person", "year", "number"], name="training_file_number_once"
            ),
            models.UniqueConstraint(
                fields=["enterprise", "year", "number"],
                condition=Q(person=None),
                name="training_cover_number_once",
            ),
            AppendOnly(name="training_file_append_only"),
        ]

    def __str__(self):
        return self.serial

    @property
    def serial(self):
        """The number that stands on the paper: year, the end of the enterprise's code, person, version."""
        whose = self.person_id or "FM"
        return f"PX-{self.year}-{self.facts['enterprise']['uscc'][-6:]}-{whose}-{self.number:02d}"


class Acknowledgement(models.Model):
    """The person herself confirmed what one version of her file says: when, under which account, by its digest."""

    file = models.OneToOneField(TrainingFile, models.PROTECT, related_name="acknowledgement")
    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    account = models.CharField(_("账号"), max_length=150)
    digest = models.CharField(_("摘要"), max_length=64)
    at = models.DateTimeField(_("确认时间"), default=timezone.now)

    class Meta:
        verbose_name = _("培训档案确认")
        constraints = [AppendOnly(name="acknowledgement_append_only")]

    def __str__(self):
        return f"{self.file_id} {self.account}"


class FileExport(models.Model):
    """The training files of a whole enterprise and year, asked for by somebody; the archive goes after its days, the row stays."""

    class State(models.TextChoices):
        WAITING = "waiting", _("生成中")
        DONE = "done", _("已生成")
        FAILED = "failed", _("生成失败")

    MOVES = {State.WAITING: (State.DONE, State.FAILED), State.DONE: (), State.FAILED: ()}

    enterprise = models.ForeignKey("accounts.Enterprise", models.PROTECT, related_name="file_exports")
    year = models.PositiveSmallIntegerField(_("年度"))
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("申请人"))
    at = models.DateTimeField(_("申请时间"), default=timezone.now)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)  # of `people`
    people = models.PositiveIntegerField(_("人数"), default=0)
    name = models.CharField(max_length=120, blank=True)  # below MEDIA_ROOT/training
    size = models.PositiveBigIntegerField(_("大小"), default=0)
    digest = models.CharField(_("摘要"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("培训档案导出")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "year"], condition=Q(state="waiting"), name="file_export_waits_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | ~Q(digest=""), name="file_export_done_with_digest"
            ),
        ]

    def __str__(self):
        return f"{self.enterprise_id}:{self.year}:{self.pk}"
