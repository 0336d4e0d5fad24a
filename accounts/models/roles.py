"""Authority given to a person in a unit and below."""

from datetime import timedelta

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


def _lasts(on, of=""):
    return Q(**{f"{of}ends_on__isnull": True}) | Q(**{f"{of}ends_on__gt": on})


class RoleGrants(models.QuerySet):
    """Grants by time."""

    def current(self, on):
        """Those that hold on the given day; what was delegated holds only while that on which it hangs does."""
        return self.filter(
            _lasts(on),
            Q(delegated_from__isnull=True)
            | (
                _lasts(on, "delegated_from__")
                & Q(delegated_from__starts_on__lte=on, delegated_from__user__is_active=True)
            ),
            starts_on__lte=on,
        )

    def not_over(self, on):
        """Those that hold on the given day or may on a later one."""
        return self.filter(_lasts(on), Q(delegated_from__isnull=True) | _lasts(on, "delegated_from__"))


class RoleGrant(models.Model):
    """A role in a unit and everything below it, from a day to a day.

    What its holder has delegated to somebody else is a grant of that person's which hangs on her own: nothing is copied, so it
    is over at once when hers is, whoever ends it and however.
    """

    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="grants")
    role = models.CharField(_("角色"), max_length=12, choices=Role)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="grants")
    granted_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    starts_on = models.DateField(_("生效日"))
    ends_on = models.DateField(_("失效日"), null=True, blank=True)
    delegated_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="delegations", verbose_name=_("委托自")
    )
    reason = models.CharField(_("理由"), max_length=200, blank=True, default="", db_default="")

    objects = RoleGrants.as_manager()

    class Meta:
        verbose_name = _("授权")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "unit"], condition=Q(ends_on__isnull=True), name="grant_held_once"
            ),
            # Nobody's absence lasts for ever, and a delegate does not delegate further (which the act sees to).
            models.CheckConstraint(
                condition=Q(delegated_from__isnull=True) | Q(ends_on__isnull=False), name="delegation_ends"
            ),
        ]

    def __str__(self):
        return f"{self.user} {self.get_role_display()} {self.unit}"

    @property
    def last_day(self):
        """The last day on which it holds, or None."""
        return self.ends_on and self.ends_on - timedelta(days=1)
