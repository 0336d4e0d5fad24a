"""The correction of an outcome of the organ's own accord: proposed by one regulator, confirmed or declined by another."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly
from supervision.models.sittings import Examinee, Outcome


class AmendmentProposal(models.Model):
    """What a regulator proposes in the place of an outcome, with the reason: (examinee, number)."""

    examinee = models.ForeignKey(  # without an index: the constraint's begins with it
        Examinee, models.PROTECT, related_name="proposals", db_index=False
    )
    number = models.PositiveIntegerField()
    outcome = models.ForeignKey(Outcome, models.PROTECT, related_name="+")  # that counted then
    conclusion = models.CharField(_("更正后的结论"), max_length=12, choices=Outcome.Conclusion)
    points = models.DecimalField(_("更正后的得分"), max_digits=8, decimal_places=2, null=True)
    why = models.CharField(_("更正的理由"), max_length=180)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("提出时间"), default=timezone.now)

    class Meta:
        verbose_name = _("依职权更正")
        ordering = ["examinee", "number"]
        constraints = [
            models.UniqueConstraint(fields=["examinee", "number"], name="amendment_proposal_number_once"),
            models.CheckConstraint(condition=~Q(why=""), name="amendment_proposal_has_a_reason"),
            models.CheckConstraint(
                condition=Q(conclusion__in=("passed", "failed"), points__isnull=False)
                | Q(~Q(conclusion__in=("passed", "failed")), points__isnull=True),
                name="amendment_proposal_points_of_a_sitting",
            ),
            AppendOnly(name="amendment_proposal_append_only"),
        ]

    def __str__(self):
        return f"{self.examinee_id}:{self.number}:{self.conclusion}"


class AmendmentRuling(models.Model):
    """What another regulator said to a proposal, with the reason; confirmed, it led to the outcome that is named."""

    proposal = models.OneToOneField(AmendmentProposal, models.PROTECT, related_name="ruling")
    is_confirmed = models.BooleanField(_("确认"))
    outcome = models.ForeignKey(Outcome, models.PROTECT, null=True, related_name="+")
    why = models.CharField(_("核对意见"), max_length=200)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("依职权更正的确认")
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="amendment_ruling_has_a_reason"),
            models.CheckConstraint(
                condition=Q(is_confirmed=True, outcome__isnull=False)
                | Q(is_confirmed=False, outcome__isnull=True),
                name="amendment_ruling_leads_to_an_outcome",
            ),
            AppendOnly(name="amendment_ruling_append_only"),
        ]

    def __str__(self):
        return f"{self.proposal_id}:{self.is_confirmed}"
