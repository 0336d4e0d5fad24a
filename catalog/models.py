"""Regions, product categories and the law: what everyone points at and nobody here knows who."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Region(models.Model):
    """An administrative division by its GB/T 2260 code; not the tree of regulators."""

    code = models.CharField(_("区划代码"), max_length=12, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        verbose_name = _("行政区划")
        ordering = ["code"]

    def __str__(self):
        return self.name


class Dated(models.QuerySet):
    """Rows that hold from a day to a day."""

    def in_force(self, on):
        """Those that hold on the given day; an open end holds for ever."""
        return self.filter(
            Q(**{f"{self.model.FROM}__isnull": True}) | Q(**{f"{self.model.FROM}__lte": on}),
            Q(**{f"{self.model.TO}__isnull": True}) | Q(**{f"{self.model.TO}__gt": on}),
        )


class ProductCategory(models.Model):
    """A kind of listed product, with the regimes that list it; a new edition closes the old row and adds a new one."""

    FROM, TO = "valid_from", "valid_to"

    code = models.CharField(_("代码"), max_length=20)
    name = models.CharField(_("名称"), max_length=80)
    name_en = models.CharField(_("英文名称"), max_length=120, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    licence = models.BooleanField(_("生产许可证管理"), default=False)
    ccc = models.BooleanField(_("强制性产品认证"), default=False)
    mandatory_standard = models.BooleanField(_("强制性国家标准"), default=False)
    produces = models.BooleanField(_("适用生产单位"), default=True)
    sells = models.BooleanField(_("适用销售单位"), default=True)
    standards = models.CharField(_("标准"), max_length=300, blank=True)
    outside_codes = models.JSONField(_("外部代码"), default=dict, blank=True)
    note = models.CharField(_("备注"), max_length=300, blank=True)
    valid_from = models.DateField(_("生效日"), null=True, blank=True)
    valid_to = models.DateField(_("失效日"), null=True, blank=True)

    objects = Dated.as_manager()

    class Meta:
        verbose_name = _("产品类别")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="category_edition"),
            # NULLs are distinct to a unique index, so the undated edition needs one of its own.
            models.UniqueConstraint(
                fields=["code"], condition=Q(valid_from__isnull=True), name="category_first_edition"
            ),
            models.UniqueConstraint(
                fields=["code"], condition=Q(valid_to__isnull=True), name="category_one_current"
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def label(self):
        """Its name in the language of the page, where the catalog knows one."""
        english = (get_language() or "").startswith("en")
        return self.name_en if english and self.name_en else self.name


class LegalDocument(models.Model):
    """A law, regulation, order, announcement or standard."""

    FROM, TO = "in_force_from", "in_force_to"

    code = models.CharField(_("代码"), max_length=60, unique=True)
    title = models.CharField(_("名称"), max_length=200, unique=True)
    number = models.CharField(_("文号"), max_length=100, blank=True)
    kind = models.CharField(_("种类"), max_length=40, blank=True)
    in_force_from = models.DateField(_("施行日期"), null=True, blank=True)
    in_force_to = models.DateField(_("失效日期"), null=True, blank=True)

    objects = Dated.as_manager()

    class Meta:
        verbose_name = _("法规文件")
        ordering = ["code"]

    def __str__(self):
        return f"《{self.title}》"


class LegalProvision(models.Model):
    """An article or requirement of a document; an item rests on one or more of them."""

    FROM, TO = "in_force_from", "in_force_to"

    document = models.ForeignKey(LegalDocument, models.PROTECT, related_name="provisions")
    article = models.CharField(_("条款"), max_length=120)
    summary = models.TextField(_("要点"), blank=True)
    in_force_from = models.DateField(_("施行日期"), null=True, blank=True)
    in_force_to = models.DateField(_("失效日期"), null=True, blank=True)

    objects = Dated.as_manager()

    class Meta:
        verbose_name = _("法规条款")
        ordering = ["document__code", "pk"]
        constraints = [models.UniqueConstraint(fields=["document", "article"], name="provision_once")]

    def __str__(self):
        return f"{self.document}{self.article}"
