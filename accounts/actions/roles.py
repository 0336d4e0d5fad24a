"""Giving and ending roles."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import scope
from accounts.models import Role, RoleGrant, Unit, User
from audit.log import record
from audit.transitions import Refused


@transaction.atomic
def grant(user, *, role, unit, by, starts_on=None):
    """Give a person a role in a unit and below; giving it twice changes nothing."""
    if not unit.path.startswith(tuple(scope.paths(by, Role.ADMIN))):
        raise Refused(_("只能在自己管理的单位范围内授权。"))
    if (role == Role.MANAGER) != (unit.kind == Unit.Kind.ENTERPRISE):
        raise Refused(_("企业管理员只能授予企业，其他角色只能授予监管机构。"))
    User.objects.select_for_update().get(pk=user.pk)
    held = RoleGrant.objects.filter(user=user, role=role, unit=unit, ends_on=None).first()
    if held:
        return held
    given = RoleGrant.objects.create(
        user=user, role=role, unit=unit, granted_by=by, starts_on=starts_on or timezone.localdate()
    )
    record("grant.given", given, by=by, role=role, unit=unit.code)
    return given


@transaction.atomic
def end_grant(given, *, by):
    """End a role today; nobody locks herself out."""
    given = RoleGrant.objects.select_for_update(of=("self",)).select_related("user", "unit").get(pk=given.pk)
    today = timezone.localdate()
    if given.ends_on and given.ends_on <= today:
        return given
    if given.user_id == by.pk and given.role == Role.ADMIN:
        raise Refused(_("不能收回自己的系统管理员授权，请由另一位管理员收回。"))
    given.ends_on = today
    given.save(update_fields=["ends_on"])
    record("grant.ended", given, by=by, role=given.role, unit=given.unit.code)
    return given
