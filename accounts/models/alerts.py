"""What was wrong with the posts of an enterprise from which day to which, and who was written to about it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly


class AlertNote(models.Model):
    """One turn of one alert: (enterprise, code, number); the highest number tells whether it still stands."""

    enterprise = models.ForeignKey(  # survives what it tells of, like a line of the audit
        "accounts.Enterprise", models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    code = models.CharField(_("事项"), max_length=60)
    number = models.PositiveIntegerField(_("序号"))
    begins = models.BooleanField(_("出现"))  # or it has ended
    noted_on = models.DateField(_("日期"))
    noted_at = models.DateTimeField(_("登记时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("预警记录")
        ordering = ["enterprise", "code", "number"]
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "code", "number"], name="alert_note_number"),
            AppendOnly(name="alert_note_append_only"),
        ]

    def __str__(self):
        return f"{self.enterprise_id} {self.code} {self.noted_on}"


class AlertMail(models.Model):
    """The mail of one morning to one person. The row stands before the mail goes out, so nobody gets two."""

    person = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    day = models.DateField(_("日期"))
    sent_at = models.DateTimeField(_("发出时间"), null=True)  # empty: refused, or the sender died over it

    class Meta:
        verbose_name = _("预警邮件")
        constraints = [models.UniqueConstraint(fields=["person", "day"], name="alert_mail_once_a_day")]

    def __str__(self):
        return f"{self.person_id} {self.day}"
