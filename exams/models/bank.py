"""Items as they are managed in banks, and their immutable revisions."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import oneself, scope
from accounts.models import Role
from audit.append_only import AppendOnly


class Difficulty(models.TextChoices):
    """How hard the author takes an item to be."""

    EASY = "easy", _("易")
    MEDIUM = "medium", _("中")
    HARD = "hard", _("难")


class Banks(models.QuerySet):
    """Banks by who works in them."""

    def worked_by(self, user):
        """Banks that the person edits or reviews."""
        return self.filter(scope.within(user, Role.EDITOR, Role.REVIEWER, Role.ADMIN))


class ItemBank(models.Model):
    """A question bank of a product category, or the general one that has none."""

    code = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=80)
    category = models.ForeignKey(
        "catalog.ProductCategory",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="banks",
        verbose_name=_("产品类别"),
    )
    unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, related_name="banks", verbose_name=_("主管单位")
    )
    description = models.CharField(_("说明"), max_length=300, blank=True)
    # Its items are for practice, where keys are shown: none of them comes into a paper, and none of the others into practice.
    is_practice = models.BooleanField(_("练习题库"), default=False, db_default=False)

    objects = Banks.as_manager()

    class Meta:
        verbose_name = _("题库")
        ordering = ["code"]

    def __str__(self):
        return self.name


class Topic(models.Model):
    """What an item is about; a tree inside one bank."""

    bank = models.ForeignKey(ItemBank, models.PROTECT, related_name="topics")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    name = models.CharField(_("知识点"), max_length=80)

    class Meta:
        verbose_name = _("知识点")
        ordering = ["bank", "pk"]
        constraints = [models.UniqueConstraint(fields=["bank", "name"], name="topic_once_in_bank")]

    def __str__(self):
        return self.name


class Items(models.QuerySet):
    """Items by who works on them."""

    def worked_by(self, user):
        """Items of the banks that the person edits or reviews."""
        return self.filter(
            scope.within(user, Role.EDITOR, Role.REVIEWER, Role.ADMIN, path="bank__unit__path")
        )

    def drawable(self, on):
        """What papers are composed of: sound items of the banks that are not for practice."""
        return self.sound(on).filter(bank__is_practice=False)

    def for_practice(self, on):
        """What practice may show: sound items of the banks for practice, never one that a paper could hold."""
        return self.sound(on).filter(bank__is_practice=True)

    def sound(self, on):
        """Approved items none of whose provisions has lapsed and whose own days hold."""
        from catalog.models import LegalProvision

        lapsed = LegalProvision.objects.filter(
            Q(in_force_to__lte=on) | Q(in_force_from__gt=on) | Q(document__in_force_to__lte=on)
        )
        return self.filter(
            Q(current__in_force_from__isnull=True) | Q(current__in_force_from__lte=on),
            Q(current__in_force_to__isnull=True) | Q(current__in_force_to__gt=on),
            state=Item.State.APPROVED,
        ).exclude(current__provisions__in=lapsed)


class Item(models.Model):
    """A question as managed: its type never changes, its revisions are added."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        IN_REVIEW = "in_review", _("待审核")
        APPROVED = "approved", _("已批准")
        RETIRED = "retired", _("已停用")

    MOVES = {
        State.DRAFT: (State.IN_REVIEW,),
        State.IN_REVIEW: (State.APPROVED, State.DRAFT),
        State.APPROVED: (State.RETIRED, State.DRAFT),
        State.RETIRED: (),
    }

    bank = models.ForeignKey(ItemBank, models.PROTECT, related_name="items")
    code = models.CharField(_("题目编号"), max_length=40)
    type = models.CharField(_("题型"), max_length=16)
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="items", verbose_name=_("知识点"))
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.DRAFT)
    current = models.ForeignKey("ItemRevision", models.PROTECT, null=True, related_name="+")
    categories = models.ManyToManyField("catalog.ProductCategory", blank=True, related_name="items")

    objects = Items.as_manager()

    class Meta:
        verbose_name = _("试题")
        ordering = ["bank", "code"]
        indexes = [models.Index(fields=["bank", "state", "type"])]
        constraints = [models.UniqueConstraint(fields=["bank", "code"], name="item_code_once_in_bank")]

    def __str__(self):
        return self.code


class ItemRevision(models.Model):
    """One immutable state of an item: (item, number), the highest is current."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField(_("版本"))
    stem = models.TextField(_("题干"))
    body = models.JSONField(default=dict)
    key = models.JSONField(default=dict)
    rationale = models.TextField(_("解析"), blank=True)
    difficulty = models.CharField(_("难度"), max_length=8, choices=Difficulty, default=Difficulty.MEDIUM)
    points = models.DecimalField(_("建议分值"), max_digits=6, decimal_places=2, default=2)
    audience = models.JSONField(_("适用对象"), default=list)
    basis = models.CharField(_("法规依据"), max_length=300, blank=True)
    clause = models.CharField(_("条款"), max_length=200, blank=True)
    provisions = models.ManyToManyField("catalog.LegalProvision", blank=True, related_name="revisions")
    pictures = models.ManyToManyField("Picture", blank=True, related_name="revisions")
    in_force_from = models.DateField(_("生效日"), null=True, blank=True)
    in_force_to = models.DateField(_("失效日"), null=True, blank=True)
    stem_hash = models.CharField(max_length=64, db_index=True)
    notes = models.JSONField(default=dict, blank=True)
    author = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("作者")
    )
    written_at = models.DateTimeField(_("编写时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("试题版本")
        ordering = ["item", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="revision_number_once"),
            AppendOnly(name="item_revision_append_only"),
        ]

    def __str__(self):
        return f"{self.item.code} v{self.number}"


class Pictures(models.QuerySet):
    """Pictures by who may see them."""

    def seen_by(self, user):
        """Pictures in banks that the person works in, in papers that she sits or sat, and in practice, which is no secret."""
        worked = Q(revisions__item__bank__in=ItemBank.objects.worked_by(user))
        sat = Q(revisions__paper_items__paper__attempts__registration__candidate__in=oneself.ids_of(user))
        practised = Q(revisions__item__bank__is_practice=True)
        return self.filter(worked | sat | practised | Q(uploaded_by=user)).distinct()


class Picture(models.Model):
    """A picture in an item, named by the digest of its bytes, so the same picture is kept once."""

    digest = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=8)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    uploaded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)

    objects = Pictures.as_manager()

    class Meta:
        verbose_name = _("图片")

    def __str__(self):
        return f"{self.digest[:12]}.{self.kind}"

    @property
    def path(self):
        """Where its bytes lie below MEDIA_ROOT."""
        return f"pictures/{self.digest[:2]}/{self.digest}.{self.kind}"
