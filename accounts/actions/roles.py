"""Giving and ending roles."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import scope
from accounts.actions.people import refuse_merged
from accounts.models import Role, RoleGrant, Unit, User
from audit.log import record
from audit.transitions import Refused


@transaction.atomic
def grant(user, *, role, unit, by, starts_on=None, last_day=None):
    """Give a person a role in a unit and below, if wanted until a last day; giving it twice changes nothing."""
    if not unit.path.startswith(tuple(scope.paths(by, Role.ADMIN))):
        raise Refused(_("只能在自己管理的单位范围内授权。"))
    if (role == Role.MANAGER) != (unit.kind == Unit.Kind.ENTERPRISE):
        raise Refused(_("企业管理员只能授予企业，其他角色只能授予监管机构。"))
    first = starts_on or timezone.localdate()
    if last_day and last_day < first:
        raise Refused(_("末日不能早于首日。"))
    ends_on = last_day and last_day + timedelta(days=1)
    refuse_merged(User.objects.select_for_update().get(pk=user.pk))
    own = RoleGrant.objects.filter(user=user, role=role, unit=unit, delegated_from=None)
    held = (
        own.filter(ends_on=None).first() or own.current(first).filter(ends_on__gte=ends_on or first).first()
    )
    if held and (held.ends_on is None or ends_on):
        return held
    given = RoleGrant.objects.create(
        user=user, role=role, unit=unit, granted_by=by, starts_on=first, ends_on=ends_on
    )
    until = {"last": last_day.isoformat()} if last_day else {}
    record("grant.given", given, by=by, role=role, unit=unit.code, **until)
    return given


@transaction.atomic
def end_grant(given, *, by):
    """End a role today, and what was delegated of it; nobody locks herself out."""
    given = _locked(given)
    today = timezone.localdate()
    if given.ends_on and given.ends_on <= today:
        return given
    if given.user_id == by.pk and given.role == Role.ADMIN:
        raise Refused(_("不能收回自己的系统管理员授权，请由另一位管理员收回。"))
    if given.delegated_from_id:
        return _end_delegation(given, today, by)
    for hanging in given.delegations.filter(ends_on__gt=today):
        _end_delegation(_locked(hanging), today, by)
    given.ends_on = today
    given.save(update_fields=["ends_on"])
    record("grant.ended", given, by=by, role=given.role, unit=given.unit.code)
    return given


def _locked(given):
    return RoleGrant.objects.select_for_update(of=("self",)).select_related("user", "unit").get(pk=given.pk)


def _end_delegation(given, today, by):
    given.ends_on = today
    given.save(update_fields=["ends_on"])
    record("grant.delegation_ended", given, by=by, role=given.role, unit=given.unit.code)
    return given
