"""What went wrong on the day of a check, as whoever supervised noted it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly
from supervision.models.checks import SpotCheck
from supervision.models.sittings import Examinee


class Incident(models.Model):
    """One thing that happened, to an examinee or, without one, to the whole sitting; a correction is a further row that names the first.

    Photographs hang on it as evidence, see `supervision.actions.evidence`.
    """

    class Category(models.TextChoices):
        IDENTITY = "identity", _("身份存疑")
        AID = "aid", _("夹带或使用禁用物品")
        DISTURBANCE = "disturbance", _("扰乱秩序")
        DEVICE = "device", _("设备故障")
        NETWORK = "network", _("网络故障")
        ILLNESS = "illness", _("身体不适")
        OTHER = "other", _("其他")

    check_of = models.ForeignKey(SpotCheck, models.PROTECT, related_name="incidents", db_index=False)
    number = models.PositiveIntegerField(_("编号"))
    examinee = models.ForeignKey(Examinee, models.PROTECT, null=True, related_name="incidents")
    category = models.CharField(_("类别"), max_length=16, choices=Category)
    text = models.TextField(_("经过"), max_length=2000)
    happened_at = models.DateTimeField(_("发生时间"))
    # What was done about it to her attempt; an intervention of the exam floor.
    act = models.ForeignKey(
        "exams.Intervention", models.PROTECT, null=True, related_name="+", verbose_name=_("采取的措施")
    )
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="correction")
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("登记时间"), default=timezone.now)

    class Meta:
        verbose_name = _("考场事件")
        ordering = ["check_of", "number"]
        constraints = [
            models.UniqueConstraint(fields=["check_of", "number"], name="incident_number_once"),
            models.CheckConstraint(condition=~Q(text=""), name="incident_is_told"),
            AppendOnly(name="incident_append_only"),
        ]

    def __str__(self):
        return f"{self.check_of} {self.number}"
