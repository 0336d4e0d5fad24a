"""What stands beside the checks: rule profiles and declared interests."""

import json
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from audit.transitions import Refused
from supervision.models import Interest, RuleProfile

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "profiles.json"


@transaction.atomic
def enter_shipped_profiles():
    """Enter the first version of each profile that comes with the system; those that are known stay. Gives what was new."""
    known = set(RuleProfile.objects.values_list("code", flat=True))
    made = [
        RuleProfile.objects.create(number=1, **row)
        for row in json.loads(SHIPPED.read_text(encoding="utf-8"))
        if row["code"] not in known
    ]
    for profile in made:
        record("profile.entered", profile, by=None)
    return made


@transaction.atomic
def renew_profile(newest, *, by, reason, **numbers):
    """Add the next version of a profile; a changed number needs a reason, and no change makes no version."""
    list(
        RuleProfile.objects.select_for_update(no_key=True)
        .filter(code=newest.code)
        .order_by("pk")
        .values_list("pk")
    )
    last = RuleProfile.objects.filter(code=newest.code).order_by("-number").first()
    if last.pk != newest.pk:
        raise Refused(_("这套规则刚刚有了新版本，请核对后再改。"))
    if not reason.strip():
        raise Refused(_("请写明修改的理由。"))
    before = {name: getattr(last, name) for name in RuleProfile.numbers()}
    changed = {name: numbers[name] for name in before if numbers[name] != before[name]}
    if not changed:
        raise Refused(_("没有任何改动，未增加新版本。"))
    made = RuleProfile.objects.create(
        code=last.code,
        number=last.number + 1,
        name=last.name,
        name_en=last.name_en,
        reason=reason.strip()[:200],
        made_by=by,
        **before | changed,
    )
    told = {name: [str(before[name]), str(value)] for name, value in changed.items()}
    record("profile.renewed", made, by=by, why=made.reason, changed=told)
    return made


@transaction.atomic
def declare(person, enterprise, *, by, note, starts_on, ends_on=None):
    """Declare an interest in an enterprise; while it lasts the person is not drawn to inspect it."""
    made = Interest.objects.create(
        person=person, enterprise=enterprise, note=note, starts_on=starts_on, ends_on=ends_on, declared_by=by
    )
    record("interest.declared", made, by=by, note=note)
    return made


@transaction.atomic
def end_interest(interest, *, by, on=None):
    """Let a declared interest end with today; a second time changes nothing."""
    on = on or timezone.localdate()
    interest = Interest.objects.select_for_update(of=("self",)).get(pk=interest.pk)
    if interest.ends_on and interest.ends_on <= on:
        return interest
    interest.ends_on = max(on, interest.starts_on)
    interest.save(update_fields=["ends_on"])
    record("interest.ended", interest, by=by)
    return interest
