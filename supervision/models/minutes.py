"""The record of each examinee, who signed or refused, and what was published: rows that are only added."""

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import oneself, papers, scope
from accounts.models import Role
from audit.append_only import AppendOnly
from supervision.models.checks import SpotCheck
from supervision.models.sittings import Attendance, Examinee, Outcome


class ManyMinutes(models.QuerySet):
    """Minutes by whose they are and by which version counts."""

    def newest(self):
        """Of each examinee the highest version."""
        last = Minutes.objects.filter(examinee=OuterRef("examinee")).order_by("-number").values("pk")[:1]
        return self.filter(pk=Subquery(last))

    def of(self, user):
        """Those about a person herself."""
        return self.filter(examinee__registration__candidate__in=oneself.ids_of(user))

    def managed_by(self, user):
        """Those about the people of the enterprises that a person manages."""
        return self.filter(
            scope.within(user, Role.MANAGER, path="examinee__registration__post__enterprise__unit__path")
        )

    def inspected_by(self, user):
        """Those of the checks to which a person came as an inspector, of whichever organ she is."""
        return self.filter(examinee__check_of__in=Attendance.objects.filter(person=user).values("check_of"))

    def run_by(self, user):
        """Those of the checks of the organs in which a person supervises, and below."""
        return self.filter(scope.within(user, Role.REGULATOR, path="examinee__check_of__unit__path"))


class Minutes(models.Model):
    """One version of 《抽查考核记录表》 of an examinee: (examinee, number), the highest counts; its fields are frozen."""

    examinee = models.ForeignKey(  # without an index: the constraint's begins with it
        Examinee, models.PROTECT, related_name="minutes", db_index=False
    )
    number = models.PositiveIntegerField(_("版本"))
    serial = models.CharField(_("编号"), max_length=40)  # the same for all versions of an examinee
    code = models.SlugField(_("核验码"), max_length=24, unique=True)
    outcome = models.ForeignKey(Outcome, models.PROTECT, related_name="minutes")
    facts = models.JSONField()
    digest = models.CharField(_("摘要"), max_length=64)
    seal = models.CharField(max_length=64)  # the digest under the house's key
    why = models.CharField(_("变更原因"), max_length=200, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("制作时间"), default=timezone.now)

    objects = ManyMinutes.as_manager()

    class Meta:
        verbose_name = _("抽查考核记录表")
        ordering = ["examinee", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["examinee", "number"], name="minutes_version_once"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(why=""), name="minutes_changed_with_a_reason"),
            AppendOnly(name="minutes_append_only"),
        ]

    def __str__(self):
        return f"{self.serial} v{self.number}"


class Side(models.TextChoices):
    """Who signs minutes."""

    EXAMINEE = "examinee", _("被考核人")
    ENTERPRISE = "enterprise", _("企业负责人")
    INSPECTOR = "inspector", _("考核人员")


def _inspector_alone(name):
    """An inspector's row names her attendance, no other does."""
    return models.CheckConstraint(
        condition=Q(side="inspector", attendance__isnull=False)
        | Q(~Q(side="inspector"), attendance__isnull=True),
        name=name,
    )


class Signature(models.Model):
    """One signature below one version: drawn on the screen, or a name typed; sealed over all that it says."""

    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="signatures", db_index=False)
    side = models.CharField(_("签字方"), max_length=12, choices=Side)
    attendance = models.ForeignKey(Attendance, models.PROTECT, null=True, related_name="signatures")
    name = models.CharField(_("签字人"), max_length=60)
    title = models.CharField(_("职务"), max_length=40, blank=True)
    image = models.CharField(
        max_length=64, blank=True
    )  # the digest of the picture; empty where the name was typed
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("账号"))
    at = models.DateTimeField(_("签字时间"), default=timezone.now)
    address = models.CharField(_("网络地址"), max_length=45, blank=True)
    device = models.CharField(_("设备"), max_length=200, blank=True)
    digest = models.CharField(_("所签版本的摘要"), max_length=64)
    seal = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("签字")
        ordering = ["minutes", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["minutes", "side"], condition=Q(attendance__isnull=True), name="signature_once_a_side"
            ),
            models.UniqueConstraint(
                fields=["minutes", "attendance"], condition=Q(attendance__isnull=False), name="signature_once_an_inspector"
            ),
            _inspector_alone("signature_of_an_inspector"),
            models.CheckConstraint(condition=~Q(name=""), name="signature_has_a_name"),
            AppendOnly(name="signature_append_only"),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.minutes_id} {self.side} {self.name}"

    @property
    def path(self):
        """Where its picture lies below MEDIA_ROOT."""
        return papers.path_of(self.image, self.kind)

    @property
    def kind(self):
        """What the picture is."""
        return "png"


class Refusal(models.Model):
    """One inspector's word that somebody refused to sign a version, with reason and witness; it takes two of them."""

    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="refusals", db_index=False)
    side = models.CharField(_("拒签方"), max_length=12, choices=Side)
    attendance = models.ForeignKey(Attendance, models.PROTECT, related_name="refusals")
    why = models.CharField(_("拒签原因"), max_length=200)
    witness = models.CharField(_("见证人"), max_length=60)
    witness_title = models.CharField(_("见证人身份"), max_length=60)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"), default=timezone.now)
    seal = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("拒签")
        ordering = ["minutes", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["minutes", "side", "attendance"], name="refusal_once_an_inspector"
            ),
            models.CheckConstraint(
                condition=~Q(side="inspector")
                & ~Q(why="")
                & ~Q(witness="")
                & ~Q(witness_title=""),
                name="refusal_with_reason_and_witness",
            ),
            AppendOnly(name="refusal_append_only"),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.minutes_id} {self.side}"


class Publication(models.Model):
    """One version of what is published of a round: (check, round, number), the highest counts; every later one has its reason."""

    check_of = models.ForeignKey(SpotCheck, models.PROTECT, related_name="publications", db_index=False)
    round = models.PositiveIntegerField(_("轮次"))
    number = models.PositiveIntegerField(_("版本"))
    code = models.SlugField(_("公示代码"), max_length=80)  # the same for all versions of a round
    rows = models.JSONField()  # what strangers read, in order
    minutes = models.JSONField()  # the keys of the minutes behind the rows, in the same order; for the office
    digest = models.CharField(_("摘要"), max_length=64)
    seal = models.CharField(max_length=64)
    objections_until = models.DateField(_("异议期至"))
    why = models.CharField(_("更正原因"), max_length=200, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("公布时间"), default=timezone.now)

    class Meta:
        verbose_name = _("结果公示")
        ordering = ["check_of", "round", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["check_of", "round", "number"], name="publication_version_once"),
            models.UniqueConstraint(fields=["code", "number"], name="publication_code_once"),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(why=""), name="publication_changed_with_a_reason"
            ),
            AppendOnly(name="publication_append_only"),
        ]

    def __str__(self):
        return f"{self.code} v{self.number}"


class Withdrawal(models.Model):
    """A line of what is published, or without an examinee all of a round, is taken back; the reason stays, the names go."""

    check_of = models.ForeignKey(SpotCheck, models.PROTECT, related_name="withdrawals")
    round = models.PositiveIntegerField(_("轮次"))
    examinee = models.ForeignKey(Examinee, models.PROTECT, null=True, related_name="withdrawals")
    why = models.CharField(_("撤下理由"), max_length=200)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("撤下公示")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["check_of", "round"],
                condition=Q(examinee__isnull=True),
                name="withdrawal_of_a_round_once",
            ),
            models.UniqueConstraint(
                fields=["examinee"], condition=Q(examinee__isnull=False), name="withdrawal_of_a_line_once"
            ),
            models.CheckConstraint(condition=~Q(why=""), name="withdrawal_has_a_reason"),
            AppendOnly(name="withdrawal_append_only"),
        ]

    def __str__(self):
        return f"{self.check_of_id} / {self.round}"


class Objection(models.Model):
    """What the person or her enterprise says against a published result, once each, within the period."""

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="objections")
    examinee = models.ForeignKey(Examinee, models.PROTECT, related_name="objections", db_index=False)
    side = models.CharField(_("异议人"), max_length=12, choices=Side)
    why = models.TextField(_("异议理由"), max_length=1000)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("提出时间"), default=timezone.now)

    class Meta:
        verbose_name = _("异议")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["examinee", "side"], name="objection_once_a_side"),
            models.CheckConstraint(
                condition=~Q(why="") & ~Q(side="inspector"), name="objection_has_a_reason"
            ),
            AppendOnly(name="objection_append_only"),
        ]

    def __str__(self):
        return f"{self.examinee_id} {self.side}"


class ObjectionDecision(models.Model):
    """What another regulator than the publisher decided on an objection, with the reason."""

    objection = models.OneToOneField(Objection, models.PROTECT, related_name="decision")
    upheld = models.BooleanField(_("异议成立"))
    outcome = models.ForeignKey(Outcome, models.PROTECT, null=True, related_name="+")  # what it led to
    why = models.CharField(_("理由"), max_length=200)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("异议处理")
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="objection_decision_has_a_reason"),
            models.CheckConstraint(
                condition=Q(upheld=True, outcome__isnull=False) | Q(upheld=False, outcome__isnull=True),
                name="objection_decision_leads_to_an_outcome",
            ),
            AppendOnly(name="objection_decision_append_only"),
        ]

    def __str__(self):
        return f"{self.objection_id}"
