"""Notices and who knows them, one's own data, holds."""

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import backends, privacy
from accounts.models import Acceptance, Hold, Notice
from accounts.oneself import the_one
from audit.context import acting
from audit.log import record
from audit.models import Outcome
from audit.transitions import Refused

SHORTEST_REASON = 4


@transaction.atomic
def enter_notice(zh, en, *, in_force_from=None, by=None):
    """The next version of the notice; the same texts as the last version's make none."""
    zh, en = zh.strip(), en.strip()
    if not zh or not en:
        raise Refused(_("告知须有中文和英文两种正文。"))
    last = Notice.objects.order_by("-number").first()
    if last and (last.text_zh, last.text_en) == (zh, en):
        return last
    number = (Notice.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    made = Notice.objects.create(
        number=number, text_zh=zh, text_en=en, in_force_from=in_force_from or timezone.now()
    )
    record("notice.entered", made, by=by, number=number)
    return made


@transaction.atomic
def acknowledge(notice, *, by):
    """Write down that somebody knows of a version; the second time changes nothing."""
    made, is_new = Acceptance.objects.get_or_create(
        notice=notice, person=by, defaults={"address": acting().address}
    )
    if is_new:
        record("notice.acknowledged", notice, by=by, number=notice.number)
    return made


def view_own(person, password):
    """Read one's own numbers in full, after one's password."""
    _sure_of(person, password)
    record("person.data_viewed", person, by=person)
    return {"phone": person.phone, "id_number": person.id_number}


def export_own(person, *, password=""):
    """Everything kept of oneself; with one's password the numbers in full, else masked."""
    if password:
        _sure_of(person, password)
    record("person.data_exported", person, by=person, full=bool(password))
    return privacy.all_of(person, with_numbers=bool(password))


def _sure_of(person, password):
    """That it is she who sits there. Failures count like failures to sign in, so nobody can try passwords here."""
    if not person.has_usable_password():
        raise Refused(_("您还没有密码，请先设置密码。"))
    if backends.too_many_failures(person, person.username):
        raise Refused(_("密码输错次数过多，请 15 分钟后再试。"))
    if not person.check_password(password):
        record(backends.FAILED, person)
        record("person.data_refused", person, by=person, outcome=Outcome.REFUSED)
        raise Refused(_("密码不正确。"))


def place_hold(*, person=None, enterprise=None, reason, by):
    """Forbid that anything of a person, or of an enterprise's people, is disposed of."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise Refused(_("请写明理由，至少 4 个字。"))
    person = the_one(person)
    try:
        with transaction.atomic():
            made = Hold.objects.create(person=person, enterprise=enterprise, reason=reason, by=by)
            record("hold.placed", person or enterprise, by=by, hold=made.pk, why=reason)
    except IntegrityError:
        raise Refused(_("已有生效的保全，无需重复设置。")) from None
    return made


@transaction.atomic
def end_hold(hold, *, reason, by):
    """Allow it again; ending what has ended changes nothing."""
    reason = reason.strip()[:200]
    if len(reason) < SHORTEST_REASON:
        raise Refused(_("请写明理由，至少 4 个字。"))
    stamps = {"ended_at": timezone.now(), "ended_by": by, "why_ended": reason}
    if Hold.objects.filter(pk=hold.pk, ended_at=None).update(**stamps):
        record("hold.ended", hold.person or hold.enterprise, by=by, hold=hold.pk, why=reason)
