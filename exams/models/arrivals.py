"""Who came to a held session, as whoever stood at the door noted it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly


class Arrival(models.Model):
    """One note at the door: (registration, number), the highest number counts.

    `key` was made up by the device that noted it, so a note that is sent twice is kept once. `noted_at` is the device's time,
    `at` the house's. Who came to the wrong room is noted where she came, under the registration of the session she belongs to.
    """

    class Outcome(models.TextChoices):
        PRESENT = "present", _("到场")
        LATE = "late", _("迟到")
        ABSENT = "absent", _("缺考")
        SUBSTITUTE = "substitute", _("身份不符")
        WRONG_SESSION = "wrong_session", _("走错场次")

    class How(models.TextChoices):
        QR = "qr", _("扫码")
        LIST = "list", _("名单")

    LETS_IN = (Outcome.PRESENT, Outcome.LATE)

    session = models.ForeignKey("ExamSession", models.PROTECT, related_name="arrivals", db_index=False)
    registration = models.ForeignKey(  # without an index: the constraint's begins with it
        "Registration", models.PROTECT, related_name="arrivals", db_index=False
    )
    number = models.PositiveIntegerField()
    outcome = models.CharField(_("签到结果"), max_length=16, choices=Outcome)
    how = models.CharField(_("方式"), max_length=8, choices=How)
    why = models.CharField(_("说明"), max_length=200, blank=True)
    noted_at = models.DateTimeField(_("签到时间"))
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    device = models.CharField(_("设备"), max_length=20, blank=True)
    key = models.UUIDField(unique=True)

    class Meta:
        verbose_name = _("签到记录")
        ordering = ["registration", "number"]
        indexes = [
            models.Index(fields=["session", "at"], name="arrival_by_session"),
            models.Index(fields=["at"], name="arrival_by_time"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["registration", "number"], name="arrival_number_once"),
            AppendOnly(name="arrival_append_only"),
        ]

    def __str__(self):
        return f"{self.registration_id}:{self.outcome}:{self.number}"
