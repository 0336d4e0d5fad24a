"""What chance decided, once: the frame before it, the seed, who was drawn, and what became of the list. All of it only grows."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.append_only import AppendOnly
from supervision.models.checks import SpotCheck


class Draw(models.Model):
    """A frame that was frozen, with the commitment to a secret; (check, number). Only a voided one is followed by another."""

    check_of = models.ForeignKey(SpotCheck, models.PROTECT, related_name="draws")
    number = models.PositiveIntegerField(_("第几次"))
    code = models.SlugField(_("抽取代码"), max_length=70, unique=True)
    frozen = models.TextField()
    digest = models.CharField(_("名单摘要"), max_length=64)
    commitment = models.CharField(_("承诺"), max_length=64)
    source = models.CharField(_("公开数来源"), max_length=120)
    source_at = models.DateTimeField(_("公开数产生时间"))
    frozen_at = models.DateTimeField(_("冻结时间"))
    frozen_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("抽取")
        ordering = ["check_of", "number"]
        constraints = [
            models.UniqueConstraint(fields=["check_of", "number"], name="draw_number_once"),
            models.CheckConstraint(
                condition=Q(source_at__gt=models.F("frozen_at")), name="draw_public_half_after_commitment"
            ),
            AppendOnly(name="draw_append_only"),
        ]

    def __str__(self):
        return self.code


class DrawSecret(models.Model):
    """The secret half of the seed, and the salt by which the office alone can read keys; both lie encrypted."""

    draw = models.OneToOneField(Draw, models.PROTECT, related_name="kept")
    secret_sealed = models.TextField()
    salt_sealed = models.TextField()

    class Meta:
        verbose_name = _("抽取密值")

    def __str__(self):
        return str(self.draw_id)


class FrameLine(models.Model):
    """Who stands behind a key of the frame; for the office only."""

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="lines", db_index=False)
    key = models.CharField(max_length=24)
    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    enterprise = models.ForeignKey("accounts.Enterprise", models.PROTECT, related_name="+")
    stratum = models.CharField(max_length=20, blank=True)
    weight = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("抽取名单行")
        ordering = ["draw", "key"]
        constraints = [
            models.UniqueConstraint(fields=["draw", "key"], name="frame_key_once"),
            models.UniqueConstraint(fields=["draw", "person"], name="frame_person_once"),
            AppendOnly(name="frame_line_append_only"),
        ]

    def __str__(self):
        return self.key


class Reveal(models.Model):
    """The public half came, the secret was opened, the draw was done."""

    draw = models.OneToOneField(Draw, models.PROTECT, related_name="reveal")
    public = models.CharField(_("公开数"), max_length=200)
    secret = models.CharField(_("密值"), max_length=64)
    seed = models.CharField(_("种子"), max_length=64)
    dossier = models.TextField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("抽取时间"))

    class Meta:
        verbose_name = _("开出")
        constraints = [AppendOnly(name="reveal_append_only")]

    def __str__(self):
        return self.seed


class DrawnCandidate(models.Model):
    """One place of the list."""

    class Role(models.TextChoices):
        CHOSEN = "chosen", _("抽中")
        RESERVE = "reserve", _("后备")

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="drawn", db_index=False)
    line = models.OneToOneField(FrameLine, models.PROTECT, related_name="drawn")
    stratum = models.CharField(max_length=20, blank=True)
    rank = models.PositiveIntegerField(_("顺位"))
    role = models.CharField(_("结果"), max_length=8, choices=Role)

    class Meta:
        verbose_name = _("抽中人员")
        ordering = ["draw", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["draw", "stratum", "rank"], name="drawn_rank_once"),
            AppendOnly(name="drawn_candidate_append_only"),
        ]

    def __str__(self):
        return f"{self.draw_id} {self.stratum} {self.rank}"


class DrawnInspector(models.Model):
    """Who goes."""

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="inspectors", db_index=False)
    rank = models.PositiveIntegerField(_("顺位"))
    key = models.CharField(max_length=24)
    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="inspections")

    class Meta:
        verbose_name = _("检查人员")
        ordering = ["draw", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["draw", "rank"], name="inspector_rank_once"),
            models.UniqueConstraint(fields=["draw", "person"], name="inspector_once"),
            AppendOnly(name="drawn_inspector_append_only"),
        ]

    def __str__(self):
        return f"{self.draw_id} {self.person}"


class Replacement(models.Model):
    """A person on the list makes room for the next reserve of her stratum, with the reason."""

    out = models.OneToOneField(DrawnCandidate, models.PROTECT, related_name="replaced")
    into = models.OneToOneField(DrawnCandidate, models.PROTECT, related_name="stands_in")
    why = models.CharField(_("理由"), max_length=200)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("替补")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="replacement_has_a_reason"),
            models.CheckConstraint(condition=~Q(out=models.F("into")), name="replacement_by_another"),
            AppendOnly(name="replacement_append_only"),
        ]

    def __str__(self):
        return f"{self.out_id} → {self.into_id}"


class Voiding(models.Model):
    """A draw that shall not count, with the reason, by a second person; it stays to be seen."""

    draw = models.OneToOneField(Draw, models.PROTECT, related_name="voiding")
    why = models.CharField(_("理由"), max_length=200)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("抽取作废")
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="voiding_has_a_reason"),
            AppendOnly(name="voiding_append_only"),
        ]

    def __str__(self):
        return f"{self.draw_id}"


class Interest(models.Model):
    """An interest that somebody of the organs declared in an enterprise; while it lasts she is not drawn to inspect it."""

    person = models.ForeignKey(
        "accounts.User", models.PROTECT, related_name="interests", verbose_name=_("监管人员")
    )
    enterprise = models.ForeignKey(
        "accounts.Enterprise", models.PROTECT, related_name="interests", verbose_name=_("企业")
    )
    note = models.CharField(_("情形"), max_length=200)
    starts_on = models.DateField(_("起始日期"))
    ends_on = models.DateField(_("结束日期"), null=True, blank=True)
    declared_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    declared_at = models.DateTimeField(_("申报时间"), default=timezone.now)

    class Meta:
        verbose_name = _("利害关系申报")
        ordering = ["-declared_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="interest_ends_after_start",
            ),
        ]

    def __str__(self):
        return f"{self.person} {self.enterprise}"
