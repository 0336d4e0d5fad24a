"""Entering people, reading what is sealed of them, and their own choices."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import identifiers
from accounts.actions.turns import in_turn
from accounts.exchange import OWN_NUMBER, is_reserved, is_username
from accounts.models import Role, RoleGrant, Unit, User
from accounts.oneself import the_one
from accounts.planning import free_usernames
from accounts.reach import ELSEWHERE, Reach, places_of
from audit.log import record
from audit.models import Outcome
from audit.transitions import Refused

SHORTEST_REASON = 4


@in_turn
def enter_person(*, name, id_number="", phone="", email="", username="", by=None):
    """The person with this ID number, or a new one who cannot sign in until she is given a password."""
    if id_number and (reason := identifiers.why_not_id_number(id_number)):
        raise Refused(_(reason))
    known = the_one(User.objects.by_id_number(id_number)) if id_number else None
    if known:
        if known.name != name:
            raise _conflict(known, by, _("这个身份证号已登记在另一个姓名之下，请核对。"))
        return known
    if phone and (reason := identifiers.why_not_phone(phone)):
        raise Refused(_(reason))
    if phone and (owner := User.objects.by_phone(phone)):
        raise _conflict(owner, by, _("这个手机号已属于另一个人。"))
    if email and (owner := User.objects.filter(email__iexact=email).first()):
        raise _conflict(owner, by, _("这个邮箱已属于另一个人。"))
    if username and not is_username(username):
        raise Refused(_("用户名应为 2 至 60 个字母、数字、点、横线或下划线，且不能全为数字。"))
    if is_reserved(username):
        raise Refused(_(OWN_NUMBER))
    if username and (owner := User.objects.filter(username__iexact=username).first()):
        raise _conflict(owner, by, _("这个用户名已被使用。"))
    person = User.objects.create_user(
        username or next(free_usernames()),
        None,
        name=name,
        phone=phone,
        id_number=id_number,
        email=email.lower(),
    )
    record("person.entered", person, by=by)
    return person


def refuse_merged(person):
    """Nothing new is given to an account that was merged into another; takes a row read under its lock."""
    if person.merged_into_id:
        raise Refused(_("此人的账号已并入 {name}，请在那里办理。").format(name=person.merged_into))


def _conflict(owner, by, sentence):
    """A refusal that names what met whom only if the owner is one of theirs who ask."""
    today = timezone.localdate()
    return Refused(sentence if Reach(by, today).knows(places_of([owner], today)[owner.pk]) else _(ELSEWHERE))


def reveal(person, *, reason, by):
    """Read a person's phone and ID number in full; who read them, or was refused, and why, is written down first."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise Refused(_("请写明查看完整信息的理由，至少 4 个字。"))
    today = timezone.localdate()
    if sealed := Reach(by, today).why_sealed(places_of([person], today)[person.pk]):
        record("person.reveal_refused", person, by=by, outcome=Outcome.REFUSED, why=reason)
        raise Refused(_(sealed))
    record("person.revealed", person, by=by, why=reason)
    return {"id_number": person.id_number, "phone": person.phone, "email": person.email}


@transaction.atomic
def set_elder(user, *, on):
    """Turn large letters on or off for oneself."""
    if user.elder != on:
        user.elder = on
        user.save(update_fields=["elder"])
        record("person.elder", user, by=user, on=on)
    return user


@transaction.atomic
def make_administrator(username, *, name, password):
    """An administrator of the whole tree; makes the tree's root if there is none yet, and gives an old account its rights again."""
    root = Unit.objects.filter(kind=Unit.Kind.ORGAN, parent=None).order_by("pk").first()
    if root is None:
        root = Unit.objects.create(
            kind=Unit.Kind.ORGAN,
            level=Unit.Level.CITY,
            code="ROOT",
            name="市级市场监督管理部门",
            short_name="市级机构",
        )
        record("unit.entered", root)
    known = the_one(User.objects.filter(username=username).first())
    user = known or User(username=username, name=name or username)
    user.is_active, user.must_change_password = True, False
    user.set_password(password)
    user.save()
    today = timezone.localdate()
    if not RoleGrant.objects.current(today).filter(user=user, role=Role.ADMIN, unit=root).exists():
        RoleGrant.objects.create(user=user, role=Role.ADMIN, unit=root, starts_on=today)
    record("person.made_administrator", user)
    return user
