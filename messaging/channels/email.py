"""By e-mail, through whichever server the settings name."""

from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse
from django.utils.translation import gettext as _

from messaging.channels.problems import Never, NotNow, Unknown

NOWHERE = ("filebased", "dummy")  # mail that reaches nobody


def reaches(route):
    """Whoever has an address and did not decline, where there is a mail server."""
    is_real = settings.EMAIL_BACKEND.split(".")[-2] not in NOWHERE
    return bool(is_real and route.by_mail and route.person.email)


def send(person, letter):
    """Send one mail."""
    me = settings.BASE_URL + reverse("people:me")
    more = [letter.url, _("不想再收到邮件提醒，请在“我的”页面关闭：{url}").format(url=me)]
    mail = EmailMessage(
        settings.ACCOUNT_EMAIL_SUBJECT_PREFIX + letter.title,
        "\n\n".join([letter.text, *filter(None, more)]),
        to=[person.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    connection = get_connection()
    try:
        connection.open()
    except (SMTPException, OSError) as problem:
        raise NotNow(type(problem).__name__) from None
    try:
        connection.send_messages([mail])
    except SMTPRecipientsRefused as refusal:
        codes = [code for code, _words in refusal.recipients.values()]
        raise (NotNow if all(400 <= code < 500 for code in codes) else Never)(str(codes[0])) from None
    except SMTPResponseException as refusal:
        raise (NotNow if 400 <= refusal.smtp_code < 500 else Never)(str(refusal.smtp_code)) from None
    except (SMTPException, OSError) as problem:
        raise Unknown(type(problem).__name__) from None
    finally:
        connection.close()
