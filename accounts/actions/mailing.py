"""The mail of the morning: to whoever manages or supervises enterprises, how many alerts there are; once a day, never twice."""

from collections import defaultdict
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import alerting, mornings, telling
from accounts.models import AlertMail, Enterprise, Hold, Role, RoleGrant, User
from accounts.retention import MAILS_KEPT_DAYS
from audit.log import record

WRITTEN_TO = (Role.MANAGER, Role.REGULATOR)
NOWHERE = ("filebased", "dummy")  # mail that reaches nobody


class NotYet(Exception):
    """Some mails could not go out just now; the task is tried again, and who has hers gets no second one."""


def mail_alerts(on):
    """Write to everybody concerned who has not been written to today; gives how many got one and how many were refused."""
    forget_mails(on)
    if settings.EMAIL_BACKEND.split(".")[-2] in NOWHERE:
        return {"sent": 0, "refused": 0, "why": "no mail server"}
    due = _due(on)
    done = dict.fromkeys(("sent", "refused", "later"), 0)
    if due:
        with (
            get_connection() as connection
        ):  # before the first row: where nobody answers nobody was written to
            for person, language, address, counts in due:
                if (row := _begun(person, on)) is not None:
                    done[_send(row, _mail(address, language, counts, on), connection)] += 1
    if done["later"]:
        raise NotYet(f"{done['later']} of {sum(done.values())}")
    return done


def forget_mails(on):
    """Delete the rows of old mails, but for those of people on whom a hold lies."""
    old = AlertMail.objects.filter(day__lt=on - timedelta(days=MAILS_KEPT_DAYS))
    return old.exclude(Exists(Hold.objects.on(OuterRef("person")))).delete()[0]


def _due(on):
    """[(person, language, address, how many)] of those who have alerts, an address, no objection and no mail of today."""
    enterprises = Enterprise.objects.filter(is_active=True)
    paths = dict(enterprises.values_list("pk", "unit__path"))
    found = mornings.below(alerting.alerts_in(enterprises, on), paths)
    written = AlertMail.objects.filter(person=OuterRef("user"), day=on)
    grants = RoleGrant.objects.current(on).filter(
        ~Exists(written), role__in=WRITTEN_TO, user__is_active=True, user__alert_mail=True
    )
    held = defaultdict(set)
    rows = grants.exclude(user__email="").order_by("user")
    for pk, language, address, path in rows.values_list(
        "user", "user__language", "user__email", "unit__path"
    ):
        held[pk, language, address].add(path)
    due = [(*whom, mornings.of_one(reach, found)) for whom, reach in held.items()]
    return [one for one in due if one[-1]]


def _begun(person, on):
    """The row that keeps this mail from going out twice; None where another worker was quicker."""
    try:
        with transaction.atomic():
            return AlertMail.objects.create(person_id=person, day=on)
    except IntegrityError:
        return None


def _send(row, mail, connection):
    """Send one. What the server refused for now is tried later, what it refused for good is not; where the line broke nobody
    knows what arrived, so it is not sent again.
    """
    try:
        connection.send_messages([mail])
    except (SMTPRecipientsRefused, SMTPResponseException) as refusal:
        if not _is_for_now(refusal):
            return "refused"
        row.delete()
        return "later"
    except (SMTPException, OSError) as broken:
        raise NotYet(type(broken).__name__) from broken
    AlertMail.objects.filter(pk=row.pk).update(sent_at=timezone.now())
    return "sent"


def _is_for_now(refusal):
    if isinstance(refusal, SMTPRecipientsRefused):
        return all(400 <= code < 500 for code, _words in refusal.recipients.values())
    return 400 <= refusal.smtp_code < 500


def _mail(address, language, counts, on):
    with translation.override(language or settings.LANGUAGE_CODE):
        total = sum(counts[what] for what in telling.ALERTS)
        subject = ngettext("预警：%(count)s 项需要处理", "预警：%(count)s 项需要处理", total) % {
            "count": total
        }
        where = ngettext(
            "涉及 %(count)s 家企业。", "涉及 %(count)s 家企业。", counts[mornings.ENTERPRISES]
        ) % {"count": counts[mornings.ENTERPRISES]}
        lines = [
            _("{day}，您管理或监管的企业有以下预警：").format(day=on.isoformat()),
            "",
            *(
                _("{label}：{count}").format(label=label, count=counts[what])
                for what, label in telling.ALERTS.items()
                if counts[what]
            ),
            where,
            "",
            _("逐项查看和处理：{url}").format(url=settings.BASE_URL + reverse("people:alerts")),
            "",
            _("每天早上最多一封，没有预警时不发。不想再收到，请在“我的”页面关闭“预警邮件”：{url}").format(
                url=settings.BASE_URL + reverse("people:me")
            ),
        ]
        return EmailMessage(
            settings.ACCOUNT_EMAIL_SUBJECT_PREFIX + subject,
            "\n".join(lines),
            to=[address],
            headers={"Auto-Submitted": "auto-generated"},
        )


@transaction.atomic
def set_alert_mail(user, *, on):
    """Have the mail of the morning, or have it no more."""
    if user.alert_mail != on:
        User.objects.filter(pk=user.pk).update(alert_mail=on)
        user.alert_mail = on
        record("person.alert_mail", user, by=user, on=on)
    return user


def keep_language(user, language):
    """Note in which language somebody reads, for what is written to her while she is away."""
    if user.language != language:
        User.objects.filter(pk=user.pk).update(language=language)
        user.language = language
