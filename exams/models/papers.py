"""From a table of specifications to fixed papers."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import scope
from accounts.models import Role
from audit.append_only import AppendOnly


class Blueprints(models.QuerySet):
    """Blueprints by who may use them."""

    def run_by(self, user):
        """Blueprints of units where the person edits, reviews or supervises."""
        return self.filter(scope.within(user, Role.EDITOR, Role.REVIEWER, Role.REGULATOR, Role.ADMIN))


class Blueprint(models.Model):
    """The table of specifications; published ones are proven feasible and change no more."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        PUBLISHED = "published", _("已发布")
        RETIRED = "retired", _("已停用")

    MOVES = {State.DRAFT: (State.PUBLISHED,), State.PUBLISHED: (State.RETIRED,), State.RETIRED: ()}

    code = models.SlugField(_("代码"), max_length=60, unique=True)
    name = models.CharField(_("名称"), max_length=120)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="blueprints")
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.DRAFT)

    objects = Blueprints.as_manager()

    class Meta:
        verbose_name = _("组卷蓝图")
        ordering = ["code"]

    def __str__(self):
        return self.name


class BlueprintLine(models.Model):
    """So many items of such a kind for so many points each; an empty filter field accepts anything."""

    blueprint = models.ForeignKey(Blueprint, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField(_("序号"))
    section = models.CharField(_("部分"), max_length=80)
    count = models.PositiveIntegerField(_("题数"))
    points = models.DecimalField(_("每题分值"), max_digits=6, decimal_places=2)
    bank = models.ForeignKey("ItemBank", models.PROTECT, null=True, blank=True, verbose_name=_("题库"))
    topic = models.ForeignKey("Topic", models.PROTECT, null=True, blank=True, verbose_name=_("知识点"))
    type = models.CharField(_("题型"), max_length=16, blank=True)
    difficulty = models.CharField(_("难度"), max_length=8, blank=True)
    audience = models.JSONField(_("适用对象"), default=list, blank=True)
    item = models.ForeignKey("Item", models.PROTECT, null=True, blank=True, verbose_name=_("指定试题"))

    class Meta:
        verbose_name = _("蓝图行")
        ordering = ["blueprint", "position"]
        constraints = [
            models.UniqueConstraint(fields=["blueprint", "position"], name="blueprint_line_position"),
            models.CheckConstraint(
                condition=models.Q(count__gt=0, points__gt=0), name="blueprint_line_positive"
            ),
        ]

    def __str__(self):
        return f"{self.section} {self.count}×{self.points}"


class Paper(models.Model):
    """A fixed sequence of item revisions, born whole before its session opens."""

    session = models.ForeignKey("ExamSession", models.PROTECT, related_name="papers")
    blueprint = models.ForeignKey(Blueprint, models.PROTECT, related_name="papers")
    number = models.PositiveIntegerField(_("卷号"))
    seed = models.CharField(max_length=64)
    max_points = models.DecimalField(_("满分"), max_digits=8, decimal_places=2)
    digest = models.CharField(_("摘要"), max_length=64)
    # In order of position what a start and a save must know: [[section, type, body without texts], …]. Derived from the
    # items, which cannot change either, so that the hot path needs no second query.
    outline = models.JSONField()
    composed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("试卷")
        ordering = ["session", "number"]
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="paper_number_once"),
            AppendOnly(name="paper_append_only"),
        ]

    def __str__(self):
        return f"{self.session.code}-{self.number:03d}"


class PaperItem(models.Model):
    """One place of a paper."""

    paper = models.ForeignKey(Paper, models.PROTECT, related_name="items")
    position = models.PositiveIntegerField(_("题号"))
    section = models.CharField(_("部分"), max_length=80)
    revision = models.ForeignKey("ItemRevision", models.PROTECT, related_name="paper_items")
    points = models.DecimalField(_("分值"), max_digits=6, decimal_places=2)

    class Meta:
        verbose_name = _("试卷题目")
        ordering = ["paper", "position"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "position"], name="paper_item_position"),
            models.UniqueConstraint(fields=["paper", "revision"], name="paper_item_once"),
            AppendOnly(name="paper_item_append_only"),
        ]

    def __str__(self):
        return f"{self.paper} {self.position}"
