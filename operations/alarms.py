"""Alarms reach people: one mail when something begins to be wrong, one when it is right again, and never two within an hour."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import gettext as _

from operations.models import Alarm

QUIET = timezone.timedelta(hours=1)  # between two mails about the same alarm


def tell(seen, *, to, page, now):
    """Note what is wrong and mail what the last mail does not say yet; gives how many alarms that were.

    `seen` is {(name, node): a line that says what it is (`told`, `sub`) and, if it is an alarm, what to do (`advice`)}. What is not in it
    stays as it was, for it may be another node's. Sent first and noted then: rather twice than never. Nothing is noted as told
    while nobody can be written to.
    """
    news = [
        (alarm, line)
        for (name, node), line in seen.items()
        if (alarm := _noted(name, node, bool(line.advice), now)) and _is_news(alarm, now)
    ]
    if not news or not to:
        return 0
    _mail(news, to, page)
    for alarm, _line in news:
        alarm.is_told, alarm.told_at = alarm.is_on, now
        alarm.save(update_fields=["is_told", "told_at"])
    return len(news)


def _noted(name, node, is_on, now):
    """The row of an alarm, up to date; None for what never was one."""
    alarm = Alarm.objects.filter(name=name, node=node).first()
    if alarm is None:
        return Alarm.objects.create(name=name, node=node, is_on=True, since=now) if is_on else None
    if alarm.is_on != is_on:
        alarm.is_on, alarm.since = is_on, now
        alarm.save(update_fields=["is_on", "since"])
    return alarm


def _is_news(alarm, now):
    return alarm.is_on != alarm.is_told and (alarm.told_at is None or now - alarm.told_at >= QUIET)


def _mail(news, to, page):
    heads = [_("报警") if alarm.is_on else _("报警解除") for alarm, _line in news]
    subject = settings.ACCOUNT_EMAIL_SUBJECT_PREFIX + f"{heads[0]} · {news[0][1].told}"
    if len(news) > 1:
        subject += _("，共 %(count)s 项") % {"count": len(news)}
    parts = [
        f"{head} · {timezone.localtime(alarm.since):%Y-%m-%d %H:%M}{f' · {alarm.node}' if alarm.node else ''}\n"
        + "\n".join(filter(None, (line.told, line.sub, line.advice)))
        for head, (alarm, line) in zip(heads, news, strict=True)
    ]
    EmailMessage(subject, "\n\n".join([*parts, page]), to=to).send()
