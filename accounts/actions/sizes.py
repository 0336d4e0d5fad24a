"""What size an enterprise is, by its figures or by a ruling of the organ above it."""

from django.db import transaction

from accounts.models import Enterprise
from audit.log import record


@transaction.atomic
def rate(enterprise, *, staff, turnover, size_ruling, reason, by):
    """Write down an enterprise's figures and what the organ rules, with the reason; saying the same again changes nothing."""
    enterprise = (
        Enterprise.objects.select_for_update(of=("self",)).select_related("unit").get(pk=enterprise.pk)
    )
    told = {"staff": staff, "turnover": turnover, "size_ruling": size_ruling}
    before = {name: getattr(enterprise, name) for name in told} | {"size": enterprise.size_class}
    for name, value in told.items():
        setattr(enterprise, name, value)
    after = told | {"size": enterprise.size_class}
    if before != after:
        enterprise.save(update_fields=list(told))
        record("enterprise.rated", enterprise, by=by, before=before, after=after, why=reason)
    return enterprise
