"""By short message, through accounts.sms: the gateway has the words, we give its template and what fills the gaps."""

from django.conf import settings

from accounts import sms
from messaging.channels.problems import Never, NotNow, Unknown

KINDS = {sms.NOW: NotNow, sms.EVER: Never, sms.UNKNOWN: Unknown}


def reaches(route):
    """Whoever has a phone, if the gateway is real and knows such a message."""
    return bool(settings.SMS_ADAPTER != "file" and route.has_template and route.person.phone_sealed)


def send(person, letter):
    """Hand it to the gateway."""
    try:
        sms.send(person.phone, letter.template, letter.parameters)
    except sms.NotSent as problem:
        raise KINDS[problem.how](str(problem)) from None
