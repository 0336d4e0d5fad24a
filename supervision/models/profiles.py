"""The rules of an assessment as data: a changed number is a new version with its reason."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly


class Profiles(models.QuerySet):
    """Profiles by which version counts."""

    def newest(self):
        """Of each profile the highest version."""
        last = RuleProfile.objects.filter(code=OuterRef("code")).order_by("-number").values("pk")[:1]
        return self.filter(pk=Subquery(last)).order_by("code")


class RuleProfile(models.Model):
    """One version of a set of rules: (code, number), the highest counts for new plans, older plans keep theirs."""

    code = models.SlugField(_("代码"), max_length=40)
    number = models.PositiveIntegerField(_("版本"))
    name = models.CharField(_("名称"), max_length=80)
    name_en = models.CharField(_("英文名称"), max_length=120, blank=True)
    questions_least = models.PositiveIntegerField(_("最少题数"), validators=[MinValueValidator(1)])
    cut_score = models.DecimalField(
        _("合格线（%）"), max_digits=5, decimal_places=2, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )  # fmt: skip
    minutes = models.PositiveIntegerField(_("时长（分钟）"), validators=[MinValueValidator(1)])
    publish_days = models.PositiveIntegerField(_("公布期限（工作日）"))
    objection_days = models.PositiveIntegerField(_("异议期（工作日）"))
    rectify_days = models.PositiveIntegerField(_("整改期限（工作日）"))
    retakes = models.PositiveIntegerField(_("补考次数"))
    serve_days = models.PositiveIntegerField(_("整改通知送达期限（工作日）"), default=5, db_default=5)
    recheck_days = models.PositiveIntegerField(
        _("收到整改报告后复查期限（工作日）"), default=10, db_default=10
    )
    retake_days = models.PositiveIntegerField(_("安排补考期限（工作日）"), default=20, db_default=20)
    repeat_months = models.PositiveIntegerField(
        _("再次不合格的计算期间（月）"),
        default=24,
        db_default=24,
        help_text=_("此期间内在另一次抽查考核中也不合格的，列入待处理名单；0 表示不计算。"),
    )
    inspectors_least = models.PositiveIntegerField(
        _("最少检查人员"), default=2, validators=[MinValueValidator(2)]
    )
    coverage = models.PositiveIntegerField(
        _("年度企业覆盖率（%）"),
        default=0,
        validators=[MaxValueValidator(100)],
        help_text=_("0 表示未规定。"),
    )
    legal_basis = models.CharField(_("依据"), max_length=300)
    reason = models.CharField(_("制定或修改的理由"), max_length=200)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(_("制定时间"), default=timezone.now)

    objects = Profiles.as_manager()

    class Meta:
        verbose_name = _("考核规则")
        ordering = ["code", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="rule_profile_version_once"),
            models.CheckConstraint(condition=Q(inspectors_least__gte=2), name="rule_profile_two_inspectors"),
            models.CheckConstraint(condition=~Q(reason=""), name="rule_profile_has_a_reason"),
            AppendOnly(name="rule_profile_append_only"),
        ]

    def __str__(self):
        return f"{self.label} v{self.number}"

    @property
    def label(self):
        """Its name in the language of the page."""
        english = (get_language() or "").startswith("en")
        return self.name_en if english and self.name_en else self.name

    @classmethod
    def numbers(cls):
        """The names of what a version says, besides its name and its reason."""
        return [
            "questions_least", "cut_score", "minutes", "publish_days", "objection_days", "rectify_days", "retakes",
            "serve_days", "recheck_days", "retake_days", "repeat_months", "inspectors_least", "coverage", "legal_basis",
        ]  # fmt: skip
