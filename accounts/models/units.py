"""One tree: organs, and below each the enterprises that it supervises."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import sizes


class Unit(models.Model):
    """A node of the tree; `path` is the codes from the root, so a subtree is `path__startswith`."""

    class Kind(models.TextChoices):
        ORGAN = "organ", _("监管机构")
        ENTERPRISE = "enterprise", _("企业")

    class Level(models.TextChoices):
        CITY = "city", _("市级")
        DISTRICT = "district", _("区级")
        STATION = "station", _("基层所")
        NONE = "", _("无")

    kind = models.CharField(_("类型"), max_length=12, choices=Kind)
    level = models.CharField(_("层级"), max_length=12, choices=Level, blank=True)
    code = models.CharField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=120)
    short_name = models.CharField(_("简称"), max_length=40, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=300, unique=True, editable=False)
    region = models.ForeignKey("catalog.Region", models.PROTECT, null=True, blank=True, related_name="units")

    class Meta:
        verbose_name = _("单位")
        ordering = ["path"]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """Keep the path true; moving a subtree is an act of its own."""
        self.path = f"{self.parent.path if self.parent else '/'}{self.code}/"
        super().save(*args, **kwargs)


class Enterprise(models.Model):
    """What is known of a unit that makes or sells listed products; its owed posts are derived, never asked."""

    class Size(models.TextChoices):
        LARGE = "large", _("大型")
        MEDIUM = "medium", _("中型")
        SMALL = "small", _("小型")
        MICRO = "micro", _("微型")

    class Risk(models.TextChoices):
        HIGH = "high", _("高风险")
        MIDDLE = "middle", _("较高风险")
        LOW = "low", _("一般风险")

    unit = models.OneToOneField(Unit, models.PROTECT, related_name="enterprise")
    uscc = models.CharField(_("统一社会信用代码"), max_length=18, unique=True)
    produces = models.BooleanField(_("生产单位"), default=False)
    sells = models.BooleanField(_("销售单位"), default=False)
    size = models.CharField(_("规模"), max_length=8, choices=Size, default=Size.SMALL)  # as it was given
    staff = models.PositiveIntegerField(_("从业人员"), null=True, blank=True)
    turnover = models.PositiveIntegerField(_("年营业收入（万元）"), null=True, blank=True)
    size_ruling = models.CharField(_("监管认定的规模"), max_length=8, choices=Size, blank=True)
    risk = models.CharField(_("风险等级"), max_length=8, choices=Risk, default=Risk.LOW)
    categories = models.ManyToManyField(
        "catalog.ProductCategory", related_name="enterprises", verbose_name=_("产品类别")
    )
    address = models.CharField(_("地址"), max_length=200, blank=True)
    is_active = models.BooleanField(_("在营"), default=True)

    class Meta:
        verbose_name = _("企业")
        constraints = [
            models.CheckConstraint(
                condition=Q(produces=True) | Q(sells=True), name="enterprise_makes_or_sells"
            ),
        ]

    def __str__(self):
        return self.unit.name

    @property
    def size_class(self):
        """The size that counts: what the organ ruled, else what the figures say, else what was given."""
        figured = sizes.class_of(self.produces, self.staff, self.turnover, settings.SIZE_THRESHOLDS)
        return self.size_ruling or figured or self.size

    @property
    def trade(self):
        """生产单位, 销售单位 or both, in words."""
        return gettext("、").join(
            str(word) for held, word in [(self.produces, _("生产单位")), (self.sells, _("销售单位"))] if held
        )
