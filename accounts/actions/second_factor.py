"""A second factor that was lost."""

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import queries
from accounts.actions.logins import end_logins
from accounts.models import User
from audit.log import record
from audit.transitions import Refused


@transaction.atomic
def remove_second_factor(person, *, reason, by, on):
    """Take a person's second factor away, for a reason, and sign her out everywhere; whoever owes one sets up a new one."""
    person = User.objects.select_for_update().get(pk=person.pk)
    if why := queries.why_not_remove_factor(person, by=by, on=on):
        raise Refused(_(why))
    Authenticator.objects.filter(user=person).delete()
    end_logins(person)
    record("factor.removed", person, by=by, why=reason)
