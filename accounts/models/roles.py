"""Authority given to a person in a unit and below."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody may be besides an officer."""

    MANAGER = "manager", _("企业管理员")
    REGULATOR = "regulator", _("监管人员")
    EDITOR = "editor", _("题库编辑")
    REVIEWER = "reviewer", _("题库审核")
    ADMIN = "admin", _("系统管理员")


class RoleGrants(models.QuerySet):
    """Grants by time."""

    def current(self, on):
        """Those that hold on the given day."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on), starts_on__lte=on)


class RoleGrant(models.Model):
    """A role in a unit and everything below it, from a day to a day."""

    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="grants")
    role = models.CharField(_("角色"), max_length=12, choices=Role)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="grants")
    granted_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    starts_on = models.DateField(_("生效日"))
    ends_on = models.DateField(_("失效日"), null=True, blank=True)

    objects = RoleGrants.as_manager()

    class Meta:
        verbose_name = _("授权")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "unit"], condition=Q(ends_on__isnull=True), name="grant_held_once"
            ),
        ]

    def __str__(self):
        return f"{self.user} {self.get_role_display()} {self.unit}"
