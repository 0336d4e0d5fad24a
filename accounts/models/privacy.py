"""What people are told before their data are processed, that they know of it, and what may not be disposed of."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly


class Notice(models.Model):
    """One version of the notice before processing; the highest number in force is the one that people are shown."""

    number = models.PositiveIntegerField(_("版本"), unique=True)
    text_zh = models.TextField(_("中文正文"))
    text_en = models.TextField(_("英文正文"))
    in_force_from = models.DateTimeField(_("生效时间"))
    entered_at = models.DateTimeField(_("录入时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("个人信息处理告知")
        ordering = ["-number"]
        constraints = [AppendOnly(name="notice_append_only")]

    def __str__(self):
        return f"第 {self.number} 版"

    @property
    def text(self):
        """The text in the reader's language."""
        return self.text_en if (get_language() or "").startswith("en") else self.text_zh


class Acceptance(models.Model):
    """That somebody knows of a version: an acknowledgement of having been informed, not a consent."""

    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="acceptances")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="acceptances", db_index=False)
    at = models.DateTimeField(_("确认时间"), auto_now_add=True)
    address = models.CharField(_("来源地址"), max_length=45, blank=True)

    class Meta:
        verbose_name = _("告知确认")
        constraints = [
            models.UniqueConstraint(fields=["notice", "person"], name="notice_accepted_once"),
            AppendOnly(name="acceptance_append_only"),
        ]

    def __str__(self):
        return f"{self.person} {self.notice}"


class Holds(models.QuerySet):
    """Holds by whom they concern."""

    def on(self, person):
        """Those in force on a person, or on an enterprise in which she ever held a post; takes an `OuterRef`, too.

        What lies on one of the accounts of a person lies on all of them.
        """
        hers = Q(person=person) | Q(person__merged_into=person) | Q(person__absorbed=person)
        worked = Q(enterprise__posts__person=person) | Q(enterprise__posts__person__absorbed=person)
        return self.filter(hers | worked, ended_at=None)


class Hold(models.Model):
    """Nothing of a person, or of anybody who ever held a post in an enterprise, is disposed of until the hold is ended."""

    person = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="holds", verbose_name=_("人员")
    )
    enterprise = models.ForeignKey(
        "accounts.Enterprise",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="holds",
        verbose_name=_("企业"),
    )
    reason = models.CharField(_("理由"), max_length=200)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    placed_at = models.DateTimeField(_("设置时间"), auto_now_add=True)
    ended_at = models.DateTimeField(_("解除时间"), null=True, blank=True)
    ended_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    why_ended = models.CharField(_("解除理由"), max_length=200, blank=True)

    objects = Holds.as_manager()

    class Meta:
        verbose_name = _("保全")
        ordering = ["ended_at", "-placed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=True, enterprise__isnull=False)
                | Q(person__isnull=False, enterprise__isnull=True),
                name="hold_on_one_thing",
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(ended_at__isnull=True), name="person_held_once"
            ),
            models.UniqueConstraint(
                fields=["enterprise"], condition=Q(ended_at__isnull=True), name="enterprise_held_once"
            ),
        ]

    def __str__(self):
        return str(self.person or self.enterprise)
