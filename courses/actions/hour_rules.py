"""Adding a rule of hours, and ending it."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.append import append
from audit.log import record
from audit.transitions import Refused
from courses import rules_classes
from courses.models import HourRule, HourRuleEnd


@transaction.atomic
def add(rule, *, by):
    """Put a rule in force from its day on."""
    rule.by = by
    [made] = append([rule])
    record("hour_rule.made", made, by=by, hours=made.hours, basis=made.legal_basis)
    return made


@transaction.atomic
def end(rule, *, ends_on, why, by):
    """End a rule from a day on, once, with the reason."""
    rule = HourRule.objects.select_related("end").get(pk=rule.pk)
    if reason := rules_classes.why_not_end_rule(rule, ends_on, why):
        raise Refused(reason)
    try:
        with transaction.atomic():
            made = HourRuleEnd.objects.create(rule=rule, ends_on=ends_on, why=why.strip()[:200], by=by)
    except IntegrityError:
        raise Refused(_("这条规则已经终止。")) from None
    record("hour_rule.ended", rule, by=by, ends_on=ends_on.isoformat(), why=made.why)
    return made
