"""Tokens by which another system reads, in the name of a unit."""

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.roles import Role, RoleGrant


class TokenScope(models.TextChoices):
    """What a token may read."""

    PEOPLE = "people:read", _("人员")
    POSTS = "posts:read", _("任职")
    RESULTS = "results:read", pgettext_lazy("复数", "考试成绩")
    CERTIFICATES = "certificates:read", pgettext_lazy("复数", "合格证明")


class ApiTokens(models.QuerySet):
    """Tokens by time."""

    def current(self, on):
        """Those that nobody ended and that are within their time."""
        return self.filter(ended_at__isnull=True, starts_on__lte=on, expires_on__gte=on)

    def with_backing(self, on):
        """Each with `is_backed`: whether its maker may still make one for its unit. Without that it opens nothing."""
        held = RoleGrant.objects.current(on).filter(
            user=OuterRef("made_by"), user__is_active=True, role=Role.ADMIN
        )
        its_path = ExpressionWrapper(OuterRef("unit__path"), models.CharField())
        over = held.alias(its_path=its_path).filter(its_path__startswith=F("unit__path"))
        return self.annotate(is_backed=Exists(over))


class ApiToken(models.Model):
    """A key for a machine: it reads what its unit may see. The secret is shown once; a keyed hash of it stays."""

    name = models.CharField(_("名称"), max_length=60)
    unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, related_name="api_tokens", verbose_name=_("单位")
    )
    scopes = models.JSONField(_("可读取"), default=list)
    prefix = models.CharField(_("令牌开头"), max_length=16, unique=True)
    secret_hash = models.CharField(max_length=64)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("建立人"))
    made_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    starts_on = models.DateField(_("生效日"))
    expires_on = models.DateField(_("有效期至"))
    ended_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    last_used_on = models.DateField(_("最近使用"), null=True, blank=True)

    objects = ApiTokens.as_manager()

    class Meta:
        verbose_name = _("接口令牌")
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__gte=F("starts_on")), name="api_token_expires_after_start"
            ),
        ]

    def __str__(self):
        return f"{self.name} ({self.prefix}…)"

    def opens_on(self, on):
        """Whether nobody ended it and the day is within its time; the same rule as `current`."""
        return self.ended_at is None and self.starts_on <= on <= self.expires_on

    @property
    def scope_labels(self):
        """What it may read, in words."""
        return [TokenScope(scope).label for scope in self.scopes if scope in TokenScope.values]
