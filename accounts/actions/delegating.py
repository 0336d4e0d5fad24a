"""Lending one's role to a colleague for a time, and taking it back."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import delegating
from accounts.actions.roles import end_grant
from accounts.models import RoleGrant
from audit.log import record
from audit.transitions import Refused

SHORTEST_REASON = 4


@transaction.atomic
def delegate(given, person, *, unit, first, last, reason, by, on=None):
    """Lend one's own role to a colleague from a first to a last day; the same again changes nothing."""
    today, reason = on or timezone.localdate(), reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise Refused(_("请写明理由，至少 4 个字。"))
    # Whoever ends the grant waits here, and so does a second press of the same button.
    RoleGrant.objects.select_for_update(of=("self",)).get(pk=given.pk)
    given = delegating.lendable_by(by, today).filter(pk=given.pk).first()
    if given is None:
        raise Refused(_("您现在不持有这个角色，没有委托；请刷新后再试。"))
    if why := delegating.why_not_lend(given, person, unit, first=first, last=last, on=today):
        raise Refused(why)
    ends_on = last + timedelta(days=1)
    lent = given.delegations.filter(user=person, unit=unit, ends_on__gt=first, starts_on__lt=ends_on)
    if (same := lent.first()) and (same.starts_on, same.ends_on) == (first, ends_on):
        return same
    if same:
        raise Refused(
            _("{first} 至 {last} 已经委托给 {name}；要改时间，请先结束那一次。").format(
                first=same.starts_on, last=same.last_day, name=person.name
            )
        )
    made = RoleGrant.objects.create(
        user=person, role=given.role, unit=unit, granted_by=by, delegated_from=given, starts_on=first,
        ends_on=ends_on, reason=reason,
    )  # fmt: skip
    record(
        "grant.delegated", made, by=by, role=made.role, unit=unit.code, first=first.isoformat(), last=last.isoformat(), why=reason
    )  # fmt: skip
    return made


def end_delegation(given, *, by):
    """End it today, as who lent it or as who has it; ending what has ended changes nothing."""
    if given.delegated_from_id is None or by.pk not in (given.user_id, given.delegated_from.user_id):
        raise Refused(_("只有委托人或受托人可以结束这项委托。"))
    return end_grant(given, by=by)
