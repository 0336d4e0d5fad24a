"""Who may lend which role to whom, and for how long."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Post, Role, RoleGrant, Unit, User
from accounts.permissions import roles

N_ = lambda text: text  # noqa: E731 - marks a sentence for translation, which the caller does

# Said of everybody who is not to be found, whether there is such an account or not.
NOBODY = N_("没有找到可以委托的同事：对方须在本单位任职，或持有本机构及其下级的角色；请核对用户名或手机号。")


def longest():
    """For how long at most, and how far ahead it may begin."""
    return timedelta(days=settings.DELEGATION_DAYS)


def lendable_by(user, on):
    """The grants of which a person may delegate: her own, in force today, and none that was itself delegated to her."""
    own = RoleGrant.objects.current(on).filter(user=user, delegated_from=None)
    return own.filter(role__in=roles("grants.delegate")).select_related("unit").order_by("role", "unit__path")


def units_of(given):
    """The units for which a grant may be delegated: its own, and those of its kind below."""
    kind = Unit.Kind.ENTERPRISE if given.role == Role.MANAGER else Unit.Kind.ORGAN
    return Unit.objects.filter(path__startswith=given.unit.path, kind=kind)


def colleagues_of(given, on):
    """Those whom the holder of a grant knows as colleagues: in post in her enterprise, or with a role in her organ or below."""
    grants = RoleGrant.objects.current(on).filter(delegated_from=None, user=OuterRef("pk"))
    grants = grants.filter(unit__in=units_of(given))
    known = Q(Exists(grants))
    if given.role == Role.MANAGER:
        posts = Post.objects.current(on).filter(enterprise__unit=given.unit_id, person=OuterRef("pk"))
        known |= Q(Exists(posts))
    return User.objects.filter(known, is_active=True).exclude(pk=given.user_id)


def _called(typed):
    typed = typed.strip()
    return User.objects.filter(username__iexact=typed).first() or User.objects.by_phone(typed)


def is_called(person, typed):
    """Whether what was typed names that person."""
    return _called(typed) == person


def find_colleague(given, typed, on):
    """The colleague with this whole username or phone, or None."""
    person = _called(typed)
    return person and colleagues_of(given, on).filter(pk=person.pk).first()


def why_not_lend(given, person, unit, *, first, last, on):
    """Why a grant may not be delegated so, in a sentence; empty when it may."""
    most = longest()
    if given.delegated_from_id:
        return _("别人委托给您的角色不能再转委托。")
    if person.pk == given.user_id:
        return _("不能委托给自己。")
    if not colleagues_of(given, on).filter(pk=person.pk).exists():
        return _(NOBODY)
    if not units_of(given).filter(pk=unit.pk).exists():
        return _("只能委托自己的单位，或其下级中同类的单位。")
    if first < on:
        return _("首日不能早于今天。")
    if first > on + most:
        return ngettext("首日最迟在 {days} 天之内。", "首日最迟在 {days} 天之内。", most.days).format(
            days=most.days
        )
    if last < first:
        return _("末日不能早于首日。")
    if last - first >= most:
        return ngettext(
            "一次最多委托 {days} 天，含首日和末日。", "一次最多委托 {days} 天，含首日和末日。", most.days
        ).format(days=most.days)
    if given.last_day and last > given.last_day:
        return _("您自己的授权到 {day} 为止，委托不能更长。").format(day=given.last_day)
    return ""


def given_by(user):
    """What a person has delegated, the newest first."""
    return _told(RoleGrant.objects.filter(delegated_from__user=user))


def received_by(user):
    """What was delegated to a person, the newest first."""
    return _told(RoleGrant.objects.filter(user=user, delegated_from__isnull=False))


def _told(found):
    return found.select_related("user", "unit", "delegated_from__user").order_by("-starts_on", "-pk")


def stands(given, on):
    """How a delegation stands on a day: `coming`, `current` or `over`; what it hangs on must be loaded."""
    source = given.delegated_from
    ends = min(day for day in (given.ends_on, source.ends_on) if day)
    if ends <= on or not source.user.is_active:
        return "over"
    return "coming" if given.starts_on > on else "current"
