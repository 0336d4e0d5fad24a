"""How a running attempt comes to be terminated: one supervisor proposes, a second one confirms, a third may reverse it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly


class Termination(models.Model):
    """One step towards or away from a termination: (attempt, number), the highest number counts."""

    class Kind(models.TextChoices):
        PROPOSED = "proposed", _("建议终止")
        WITHDRAWN = "withdrawn", _("撤回终止建议")
        CONFIRMED = "confirmed", _("已确认终止")
        REVERSED = "reversed", _("已撤销终止")

    attempt = models.ForeignKey(  # without an index: the constraint's begins with it
        "Attempt", models.PROTECT, related_name="terminations", db_index=False
    )
    number = models.PositiveIntegerField()
    kind = models.CharField(_("步骤"), max_length=12, choices=Kind)
    why = models.CharField(_("原因"), max_length=200)
    # Whether a proposal stopped the clock, or it stood already; whether it runs on afterwards, the attempt's pause says.
    stopped_clock = models.BooleanField(default=False)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("终止考试记录")
        ordering = ["attempt", "number"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "number"], name="termination_number_once"),
            models.CheckConstraint(condition=~Q(why=""), name="termination_has_a_reason"),
            AppendOnly(name="termination_append_only"),
        ]

    def __str__(self):
        return f"{self.attempt_id}:{self.kind}:{self.number}"
