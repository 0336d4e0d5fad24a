"""A person's office in an enterprise: history, never overwritten."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class PostKind(models.TextChoices):
    """The three offices of the two rules."""

    PRINCIPAL = "principal", _("主要负责人")
    DIRECTOR = "director", _("质量安全总监")
    OFFICER = "officer", _("质量安全员")


class Posts(models.QuerySet):
    """Posts by time and by who may see them."""

    def current(self, on):
        """Those held on the given day."""
        return self.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=on), appointed_on__lte=on)


class Post(models.Model):
    """One appointment; its end is written once, everything else never changes."""

    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="posts", verbose_name=_("人员"))
    enterprise = models.ForeignKey(
        "accounts.Enterprise", models.PROTECT, related_name="posts", verbose_name=_("企业")
    )
    kind = models.CharField(_("岗位"), max_length=12, choices=PostKind)
    full_time = models.BooleanField(_("专职"), default=True)
    categories = models.ManyToManyField(
        "catalog.ProductCategory", related_name="posts", blank=True, verbose_name=_("负责的产品类别")
    )
    appointed_on = models.DateField(_("任职日期"))
    ended_on = models.DateField(_("离任日期"), null=True, blank=True)
    paper = models.CharField(_("任命文件"), max_length=120, blank=True)

    objects = Posts.as_manager()

    class Meta:
        verbose_name = _("任职")
        ordering = ["kind", "appointed_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "enterprise", "kind"],
                condition=Q(ended_on__isnull=True),
                name="post_held_once",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("appointed_on")),
                name="post_ends_after_start",
            ),
        ]

    def __str__(self):
        return f"{self.enterprise} {self.get_kind_display()} {self.person}"
