"""Rules of hours in a calendar year: added, and ended; never edited. None is shipped."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import PostKind
from audit.append_only import AppendOnly

MOST_HOURS = 500


class HourRules(models.QuerySet):
    """Rules by time and place."""

    def in_force(self, on):
        """Those in force on a day; the end that was decided later counts like the one that was written at first."""
        return self.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gt=on),
            Q(end__isnull=True) | Q(end__ends_on__gt=on),
            starts_on__lte=on,
        )

    def told(self):
        """With all that a list says of them."""
        return self.select_related("unit", "category", "provision__document", "by", "end__by")


class HourRule(models.Model):
    """How many hours a year the holders of a post owe, on what legal ground, and which hours count."""

    class Source(models.TextChoices):
        COURSE = "course", _("课程核定学时")
        CLASS = "class", _("课堂")
        OUTSIDE = "outside", _("已确认的外部培训")

    name = models.CharField(_("规则名称"), max_length=80)
    unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, related_name="hour_rules", verbose_name=_("适用范围")
    )
    post_kind = models.CharField(_("岗位"), max_length=12, choices=PostKind, blank=True)
    category = models.ForeignKey(
        "catalog.ProductCategory",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="hour_rules",
        verbose_name=_("产品类别"),
    )
    hours = models.PositiveIntegerField(
        _("每个自然年的学时（小时）"), validators=[MinValueValidator(1), MaxValueValidator(MOST_HOURS)]
    )
    carry_hours = models.PositiveIntegerField(
        _("可结转到下一年的学时（小时）"), default=0, validators=[MaxValueValidator(MOST_HOURS)]
    )
    sources = models.JSONField(_("计入的学时"), default=list)
    provision = models.ForeignKey(
        "catalog.LegalProvision",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="hour_rules",
        verbose_name=_("依据条款"),
    )
    basis = models.CharField(_("依据（文字）"), max_length=200, blank=True)
    starts_on = models.DateField(_("施行日期"))
    ends_on = models.DateField(_("失效日期"), null=True, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = HourRules.as_manager()

    class Meta:
        verbose_name = _("学时规则")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(provision__isnull=False) | ~Q(basis=""), name="hour_rule_has_a_legal_basis"
            ),
            models.CheckConstraint(condition=Q(hours__gte=1), name="hour_rule_asks_for_hours"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="hour_rule_lasts"
            ),
            AppendOnly(name="hour_rule_append_only"),
        ]

    def __str__(self):
        return self.name

    @property
    def over_on(self):
        """From which day on it is no longer in force, or None."""
        ends = [day for day in (self.ends_on, getattr(self, "end", None) and self.end.ends_on) if day]
        return min(ends) if ends else None

    @property
    def legal_basis(self):
        """On what it rests, in words."""
        return "；".join(str(part) for part in (self.provision, self.basis) if part)


class HourRuleEnd(models.Model):
    """A rule is ended, once, with the reason."""

    rule = models.OneToOneField(HourRule, models.PROTECT, related_name="end")
    ends_on = models.DateField(_("失效日期"))
    why = models.CharField(_("理由"), max_length=200)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("学时规则终止")
        constraints = [AppendOnly(name="hour_rule_end_append_only")]

    def __str__(self):
        return f"{self.rule} {self.ends_on}"
