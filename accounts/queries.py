"""Reads of this floor: who may be seen, how posts are filled, how people stand."""

import re
from collections import defaultdict
from datetime import timedelta
from itertools import islice

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import CharField, Exists, F, OuterRef, Prefetch, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import identifiers, oneself, records, scope, staffing, vault
from accounts.models import (
    ApiToken,
    Enterprise,
    Import,
    Login,
    Post,
    Qualification,
    RecordEntry,
    RecordKind,
    Role,
    RoleGrant,
    Unit,
    User,
)
from accounts.reach import Reach
from accounts.tails import Tail
from audit.log import name_of
from audit.models import AuditEvent
from catalog.models import ProductCategory
from operations.queries import FAILED, READY, RUNNING

ENTERPRISE_PATH = "enterprise__unit__path"
NO_REGIME = (False, False, False)
FEW = 500  # people whom a statement may name one by one
N_ = lambda text: text  # noqa: E731 - marks a sentence for translation, which the caller does


def enterprises_seen_by(user):
    """The enterprises that a person manages or supervises."""
    return Enterprise.objects.filter(scope.oversight(user)).select_related("unit__region", "unit__parent")


def enterprises_supervised_by(user):
    """The enterprises below the organs in which a person acts."""
    supervised = scope.within(user, Role.REGULATOR, Role.ADMIN)
    return Enterprise.objects.filter(supervised).select_related("unit")


def ratings_of(enterprise):
    """What was ruled of an enterprise's size, newest first."""
    return AuditEvent.objects.filter(action="enterprise.rated", target=name_of(enterprise)).order_by("-pk")


def posts_seen_by(user):
    """Posts of all times in those enterprises."""
    return Post.objects.filter(scope.oversight(user, ENTERPRISE_PATH))


def people_seen_by(user):
    """Those who hold or held a post there, and, for an administrator, those with roles in her reach."""
    seen = Q(Exists(posts_seen_by(user).filter(person=OuterRef("pk"))))
    if scope.has_role(user, Role.ADMIN):
        seen |= Q(Exists(grants_run_by(user).filter(user=OuterRef("pk"))))
    return User.objects.filter(seen)


def why_not_issue(person, *, by, on):
    """Why somebody may not give this person a one-time password, in a sentence; empty when she may.

    Whoever oversees a person in post may do so until she has taken up her account, again if a slip was lost; an administrator
    also afterwards. Nobody reaches in
    this way for an authority that is not already below her own, nor a manager, who may appoint anybody, for other employers'
    people.
    """
    if person == by:
        return N_("自己的密码请在“我的”页面修改。")
    below = scope.within(by, Role.ADMIN) | (Q(role=Role.MANAGER) & scope.oversight(by))
    grants = RoleGrant.objects.not_over(on).filter(user=person)
    if grants.exclude(below).exists():
        return N_("此人担有您管理范围之外的角色，请由管理该角色的系统管理员设置密码。")
    posts = Post.objects.current(on).filter(person=person)
    if scope.has_role(by, Role.ADMIN):
        run = posts.filter(scope.within(by, Role.ADMIN, path=ENTERPRISE_PATH))
        if run.exists() or not posts.exists():
            return ""
    if person.is_taken_up:
        return N_("此人已启用账号。忘记密码时，本人可用手机验证码登录或在登录页找回，或请系统管理员重置。")
    if not posts.filter(scope.oversight(by, ENTERPRISE_PATH)).exists():
        return N_("此人现在不在您管理的企业任职，不能为其设置密码。")
    supervised = posts.filter(scope.within(by, Role.REGULATOR, path=ENTERPRISE_PATH))
    if posts.exclude(scope.oversight(by, ENTERPRISE_PATH)).exists() and not supervised.exists():
        return N_("此人在别的企业还有任职，请由监管机构设置密码。")
    return ""


def why_not_remove_factor(person, *, by, on):
    """Why somebody may not take this person's second factor away, in a sentence; empty when she may.

    An administrator may who may also give her a new password; nobody her own, or a stolen session could do it.
    """
    if not person.has_second_factor:
        return N_("此人没有启用双重验证。")
    if person == by:
        return N_("自己的双重验证请在“我的”页面管理。")
    if not scope.has_role(by, Role.ADMIN):
        return N_("双重验证只能由系统管理员解除。")
    return why_not_issue(person, by=by, on=on)


def logins_of(person):
    """Where a person is signed in, the latest first."""
    return Login.objects.filter(person=person, expire_date__gt=timezone.now()).order_by(
        "-seen_at", "-began_at"
    )


def waiting_in(enterprise, on):
    """Those in post in an enterprise who have not taken up their accounts; the same rule as `User.is_taken_up`."""
    return User.objects.filter(
        Q(must_change_password=True) | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX),
        Exists(Post.objects.current(on).filter(person=OuterRef("pk"), enterprise=enterprise)),
        is_active=True,
        last_login=None,
    ).order_by("name", "pk")


def to_activate(enterprise, *, by, now, most):
    """So many of them to whom somebody may give one-time passwords: those who hold none; only if all hold one, all anew."""
    on = timezone.localdate(now)
    waiting = waiting_in(enterprise, on)
    without = waiting.filter(Q(must_change_password=False) | Q(issued_until__lte=now) | Q(issued_until=None))

    def first(people):
        return list(islice((p for p in people if not why_not_issue(p, by=by, on=on)), most))

    return first(without) or first(waiting)


def grants_run_by(user):
    """The role grants that an administrator gives and ends."""
    found = RoleGrant.objects.filter(scope.within(user, Role.ADMIN))
    return found.select_related("user", "unit", "delegated_from__user")


def tokens_run_by(user):
    """The tokens of other systems that an administrator makes and ends."""
    return ApiToken.objects.filter(scope.within(user, Role.ADMIN)).select_related("unit", "made_by")


def tokens_stopped_with(given, on):
    """The tokens that open nothing because a role has ended."""
    made = ApiToken.objects.current(on).with_backing(on).filter(made_by=given.user_id, is_backed=False)
    return made.filter(unit__path__startswith=given.unit.path)


def units_run_by(user, *roles):
    """The units in which a person holds one of the roles, and all below."""
    return Unit.objects.filter(scope.within(user, *roles, path="path"))


def districts_of(user):
    """The regions of the enterprises that a person sees, for a filter."""
    units = Unit.objects.filter(
        scope.oversight(user, "path"), kind=Unit.Kind.ENTERPRISE, region__isnull=False
    )
    return units.order_by("region__code").values_list("region__code", "region__name").distinct()


def categories_of(user):
    """The product categories of those enterprises, for a filter."""
    enterprises = Enterprise.objects.filter(scope.oversight(user))
    found = ProductCategory.objects.filter(enterprises__in=enterprises).order_by("code", "name")
    return list({category.code: category.label for category in found.distinct()}.items())


def imports_run_by(user):
    """One's own imports; an administrator of the whole city also has everybody's."""
    found = Import.objects.select_related("by")
    return found if Reach(user, timezone.localdate()).runs_all else found.filter(by=user)


def turns_of(imports):
    """What the background worker has to do, or gave up, for some imports or their undo."""
    return DBTaskResult.objects.filter(
        task_path__in=["accounts.tasks.carry_out", "accounts.tasks.take_back"],
        status__in=[READY, RUNNING, FAILED],
        args_kwargs__args__0__in=[one.pk for one in imports],
    )


def given_up(imports):
    """Those of some imports that nobody brings to an end any more; without one that waits it asks nothing."""
    waiting = {one.pk for one in imports if one.state in Import.PENDING}
    if not waiting:
        return set()
    turns = turns_of([one for one in imports if one.pk in waiting]).exclude(status=FAILED)
    left = waiting - set(turns.values_list("args_kwargs__args__0", flat=True))
    # Whatever came to its end between the two looks was not given up.
    again = Import.objects.filter(pk__in=left, state__in=Import.PENDING)
    return set(again.values_list("pk", flat=True)) if left else set()


def find_unit(user, text):
    """The unit in an administrator's reach with this code or full name, or None."""
    text = text.strip()
    units = units_run_by(user, Role.ADMIN)
    named = list(units.filter(name=text)[:2])
    return units.filter(code__iexact=text).first() or (named[0] if len(named) == 1 else None)


def find_person(text):
    """The person with this whole username, phone or ID number, or None."""
    text = text.strip()
    return (
        User.objects.filter(username__iexact=text).first()
        or User.objects.by_phone(text)
        or User.objects.by_id_number(text)
    )


# --- Staffing -------------------------------------------------------------------------------------------------------


def regimes_of(enterprises, on):
    """Under which regimes the products of enterprises stand: pk → (licence, ccc, mandatory standard).

    A closed category counts as its present edition.
    """
    flags = {
        code: regimes
        for code, *regimes in ProductCategory.objects.in_force(on).values_list(
            "code", "licence", "ccc", "mandatory_standard"
        )
    }
    codes = defaultdict(set)
    for pk, code in Enterprise.categories.through.objects.filter(enterprise__in=enterprises).values_list(
        "enterprise_id", "productcategory__code"
    ):
        codes[pk].add(code)
    known = {}  # thousands of enterprises make the same few products

    def regimes(held):
        rows = [flags[code] for code in held if code in flags]
        return tuple(any(column) for column in zip(*rows, strict=True)) or NO_REGIME

    for pk, held in codes.items():
        key = frozenset(held)
        if key not in known:
            known[key] = regimes(held)
        codes[pk] = known[key]
    return codes


def businesses(enterprises, on):
    """What staffing must know of each enterprise: {pk: Business}."""
    regimes = regimes_of(enterprises, on)
    return {e.pk: staffing.Business(e.size_class, *(regimes.get(e.pk) or NO_REGIME)) for e in enterprises}


def certificates_of(people):
    """The facts of all certificates of people, by person; takes a queryset or a list."""
    found = defaultdict(list)
    lines = records.latest(people, RecordKind.CERTIFICATE).annotate(owner=oneself.owner("person"))
    for pk, facts in lines.values_list("owner", "facts"):
        found[pk].append(facts)
    return found


def staffing_of(enterprises, on):
    """The owed posts of many enterprises and who fills them: {pk: Staffing}, in four queries for one or for all."""
    known = businesses(enterprises, on)
    posts = Post.objects.current(on).filter(enterprise__in=enterprises)
    certificates = certificates_of(User.objects.filter(pk__in=posts.values("person")))
    holders = defaultdict(list)
    for pk, kind, person, name in posts.order_by("appointed_on", "pk").values_list(
        "enterprise_id", "kind", "person_id", "person__name"
    ):
        standing = staffing.standing(certificates[person], kind, on)
        holders[pk].append(staffing.Holder(kind, person, name, standing))
    return {pk: staffing.staffing(business, holders[pk]) for pk, business in known.items()}


# --- People -----------------------------------------------------------------------------------------------------------


def fact(name):
    """One fact of a record entry as plain text, comparable in every database."""
    return Cast(KT(f"facts__{name}"), CharField())


def certificates_for_post(on):
    """Certificates that qualify the holder of an outer post on a day; the same rule as `staffing.standing`."""
    return Qualification.objects.filter(
        Q(kind=OuterRef("kind")) | Q(kind=""), person=OuterRef("person"), in_force=True, until__gte=on
    )


def by_validity(posts, validity, on):
    """Posts whose holders stand so: `valid`, `ending` or `missing`."""
    held = certificates_for_post(on)
    examined = Q(kind__in=staffing.NEEDS_CERTIFICATE)
    if validity == "valid":
        return posts.filter(~examined | Exists(held))
    if validity == "ending":
        later = on + timedelta(days=staffing.SOON)
        return posts.filter(examined, Exists(held), ~Exists(held.exclude(until__lte=later)))
    return posts.filter(examined, ~Exists(held))


def find_people(people, text, viewer):
    """Those whose name, username or seen enterprise holds the text, whose phone ends so, or whose whole number it is.

    Of a phone's end the last four digits decide, for those the mask shows: more of them would let somebody find out the hidden
    ones digit by digit, without a reason and without a trace.
    """
    text = text.strip()
    if not text:
        return people
    if not identifiers.why_not_phone(text):
        return people.filter(phone_hash=vault.fingerprint("phone", identifiers.normalise_phone(text)))
    if not identifiers.why_not_id_number(text):
        return people.filter(id_hash=vault.fingerprint("id", identifiers.normalise_id_number(text)))
    posts = posts_seen_by(viewer)
    if not identifiers.why_not_uscc(text):
        return people.filter(
            pk__in=posts.filter(enterprise__uscc=identifiers.normalise(text)).values("person")
        )
    found = [
        User.objects.filter(Q(name__icontains=text) | Q(username__icontains=text)).values("pk"),
        posts.order_by().filter(enterprise__unit__name__icontains=text).values("person"),
    ]
    if re.fullmatch(r"[0-9]{4,10}", text):
        found.append(User.objects.alias(tail=Tail("phone_mask")).filter(tail=text[-4:]).values("pk"))
    # Whoever is meant is found first: beside the door's conditions each of these would be asked of every person.
    keys = found[0].union(*found[1:])
    few = [row["pk"] for row in keys[: FEW + 1]]
    return people.filter(pk__in=few if len(few) <= FEW else keys)


def list_people(viewer, *, q="", kind="", validity="", district="", when="", on):
    """The people of a viewer by her filters; without `when` those in post today, with `past` those who left."""
    posts = posts_seen_by(viewer).filter(person=OuterRef("pk"))
    current = posts.current(on)
    if kind:
        posts, current = posts.filter(kind=kind), current.filter(kind=kind)
    if district:
        region = {"enterprise__unit__region__code": district}
        posts, current = posts.filter(**region), current.filter(**region)
    if validity:
        current = by_validity(current, validity, on)
    wanted = Q(Exists(posts)) & ~Q(Exists(current)) if when == "past" else Q(Exists(current))
    return find_people(User.objects.filter(wanted), q, viewer).order_by("name", "pk")


def with_posts(people, viewer):
    """The people with the posts that the viewer sees, as `seen_posts`."""
    posts = posts_seen_by(viewer).select_related("enterprise__unit__region")
    return people.prefetch_related(Prefetch("posts", posts.order_by("kind", "-appointed_on"), "seen_posts"))


def standings(people, on):
    """How each of the people stands in each of her seen posts that she holds: [(person, [(post, standing)])]."""
    certificates = certificates_of([person.pk for person in people])
    return [
        (
            person,
            [
                (
                    post,
                    staffing.standing(certificates[person.pk], post.kind, on) if held_on(post, on) else None,
                )
                for post in person.seen_posts
            ],
        )
        for person in people
    ]


def held_on(post, on):
    """Whether a loaded post is held on a day; the same rule as `Posts.current`."""
    return post.appointed_on <= on and (post.ended_on is None or post.ended_on > on)


def file_of(person, viewer, on):
    """The lines of a personnel file that a viewer may read: all of one's own and of people whom one has in post today;
    of those who left, what happened in the enterprises one sees.
    """
    entries = records.latest(person)
    if viewer == person or posts_seen_by(viewer).current(on).filter(person=person).exists():
        return entries
    codes = enterprises_seen_by(viewer).filter(posts__person=person).values("uscc")
    return entries.annotate(uscc=fact("uscc")).filter(uscc__in=codes)


def list_enterprises(viewer, *, q="", district="", category="", trade="", unit=""):
    """The enterprises of a viewer by her filters."""
    enterprises = enterprises_seen_by(viewer).filter(is_active=True)
    if unit:
        enterprises = enterprises.filter(unit__path__contains=f"/{unit}/")
    if text := q.strip():
        enterprises = enterprises.filter(
            Q(unit__name__icontains=text) | Q(uscc__icontains=identifiers.normalise(text))
        )
    if district:
        enterprises = enterprises.filter(unit__region__code=district)
    if category:
        links = Enterprise.categories.through.objects.filter(
            enterprise=OuterRef("pk"), productcategory__code=category
        )
        enterprises = enterprises.filter(Exists(links))
    if trade in ("produces", "sells"):
        enterprises = enterprises.filter(**{trade: True})
    return enterprises.order_by("unit__name", "pk")


def is_over(post, on):
    """Whether a post has ended by a day."""
    return post.ended_on is not None and post.ended_on <= on


def lines_of(post):
    """Every version of the line of the file that tells of a post, newest first."""
    return RecordEntry.objects.filter(subject=f"post:{post.pk}").order_by("-number")


def history_of(enterprise):
    """What happened to the posts of an enterprise: every version of every line, newest first."""
    subjects = [f"post:{pk}" for pk in enterprise.posts.values_list("pk", flat=True)]
    return (
        RecordEntry.objects.filter(subject__in=subjects)
        .select_related("person")
        .order_by(F("recorded_at").desc(), "-pk")
    )
