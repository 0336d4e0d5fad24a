"""Linking accounts elsewhere with one's own, and coming in by them."""

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import backends, outside
from accounts.actions.people import refuse_merged
from accounts.models import User
from audit.log import record
from audit.models import Outcome
from audit.transitions import Refused


def link(person, code, uid, *, by):
    """Link an account elsewhere, named by its hash, with a person's; a second time changes nothing."""
    try:
        return _link(person, code, uid, by)
    except Refused as refusal:
        record("outside.link_refused", person, by=by, outcome=Outcome.REFUSED, via=code, why=str(refusal))
        raise


@transaction.atomic
def _link(person, code, uid, by):
    person = User.objects.select_for_update().get(pk=person.pk)
    refuse_merged(person)
    name = outside.NAMES[code]
    held = SocialAccount.objects.filter(user=person, provider=code).first()
    if held:
        if held.uid == uid:
            return held
        raise Refused(
            _("您已经关联了另一个{name}账号。什么也没有改变；要换一个，请先解除原来的关联。").format(
                name=name
            )
        )
    made, is_new = SocialAccount.objects.get_or_create(provider=code, uid=uid, defaults={"user": person})
    if not is_new:
        raise Refused(
            _(
                "这个{name}账号已经关联了本平台的另一个账号。什么也没有改变；请先在那个账号里解除，或换一个{name}账号。"
            ).format(name=name)
        )
    record("outside.linked", person, by=by, via=code)
    return made


@transaction.atomic
def unlink(person, code, *, by):
    """End a link; who has no other way in keeps it."""
    person = User.objects.select_for_update().get(pk=person.pk)
    if not (person.has_usable_password() or person.phone_hash):
        raise Refused(_("您没有密码，也没有登记手机号，解除后将无法登录。请先设置密码。"))
    if SocialAccount.objects.filter(user=person, provider=code).delete()[0]:
        record("outside.unlinked", person, by=by, via=code)


def end_links(person):
    """End all links of a person, as part of another act; give how many that were."""
    return SocialAccount.objects.filter(user=person).delete()[0]


@transaction.atomic
def recognise(code, uid):
    """Whose linked account this is, or None, which is noted as a failure; after too many of them nobody is let in."""
    known = SocialAccount.objects.filter(provider=code, uid=uid).select_related("user").first()
    person = known and known.user
    if backends.too_many_failures(person, f"{code}:{uid}"):
        raise Refused(_("尝试次数过多，请过一会儿再试。"))
    if person is None:
        record(
            "account.sign_in_failed",
            backends.whose_door(None, f"{code}:{uid}"),
            outcome=Outcome.REFUSED,
            via=code,
        )
        return None
    known.save(update_fields=["last_login"])
    record("outside.used", person, by=person, via=code)
    return person
