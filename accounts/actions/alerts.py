"""Writing down which alerts are new and which have ended."""

from django.db import transaction

from accounts import alerting
from accounts.models import AlertNote, Enterprise
from audit.append import append


@transaction.atomic
def note_alerts(on):
    """Append what has changed since the last look: begun and ended alerts of all enterprises; doing it again adds nothing."""
    standing = {
        (alert.enterprise, alert.code)
        for alert in alerting.alerts_in(Enterprise.objects.filter(is_active=True), on)
    }
    known = {
        (pk, code): (number, begins)
        for pk, code, number, begins in alerting.last_notes().values_list(
            "enterprise_id", "code", "number", "begins"
        )
    }
    begun = sorted(key for key in standing if not known.get(key, (0, False))[1])
    ended = sorted(key for key, (_number, begins) in known.items() if begins and key not in standing)
    append(
        AlertNote(
            enterprise_id=key[0],
            code=key[1],
            number=known.get(key, (0, False))[0] + 1,
            begins=begins,
            noted_on=on,
        )
        for keys, begins in ((begun, True), (ended, False))
        for key in keys
    )
    return {"begun": len(begun), "ended": len(ended), "standing": len(standing)}
