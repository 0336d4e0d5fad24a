"""Reads of this floor: who may be seen, how posts are filled, how people stand."""

from collections import defaultdict
from datetime import timedelta

from django.db.models import CharField, Exists, F, OuterRef, Prefetch, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from accounts import identifiers, records, scope, staffing, vault
from accounts.models import Enterprise, Post, RecordEntry, RecordKind, Role, RoleGrant, Unit, User
from catalog.models import ProductCategory

ENTERPRISE_PATH = "enterprise__unit__path"
N_ = lambda text: text  # noqa: E731 - marks a sentence for translation, which the caller does


def enterprises_seen_by(user):
    """The enterprises that a person manages or supervises."""
    return Enterprise.objects.filter(scope.oversight(user)).select_related("unit__region", "unit__parent")


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

    Whoever oversees a person in post may do so until she has a password, an administrator also afterwards. Nobody reaches in
    this way for an authority that is not already below her own, nor a manager, who may appoint anybody, for other employers'
    people.
    """
    if person == by:
        return N_("自己的密码请在“我的”页面修改。")
    below = scope.within(by, Role.ADMIN) | (Q(role=Role.MANAGER) & scope.oversight(by))
    grants = RoleGrant.objects.filter(Q(ends_on=None) | Q(ends_on__gt=on), user=person)
    if grants.exclude(below).exists():
        return N_("此人担有您管理范围之外的角色，请由管理该角色的系统管理员设置密码。")
    posts = Post.objects.current(on).filter(person=person)
    if scope.has_role(by, Role.ADMIN):
        run = posts.filter(scope.within(by, Role.ADMIN, path=ENTERPRISE_PATH))
        if run.exists() or not posts.exists():
            return ""
    if person.has_usable_password():
        return N_("此人已有密码。忘记密码时，本人可在登录页找回，或请系统管理员重置。")
    if not posts.filter(scope.oversight(by, ENTERPRISE_PATH)).exists():
        return N_("此人现在不在您管理的企业任职，不能为其设置密码。")
    supervised = posts.filter(scope.within(by, Role.REGULATOR, path=ENTERPRISE_PATH))
    if posts.exclude(scope.oversight(by, ENTERPRISE_PATH)).exists() and not supervised.exists():
        return N_("此人在别的企业还有任职，请由监管机构设置密码。")
    return ""


def grants_run_by(user):
    """The role grants that an administrator gives and ends."""
    return RoleGrant.objects.filter(scope.within(user, Role.ADMIN)).select_related("user", "unit")


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


def businesses(enterprises, on):
    """What staffing must know of each enterprise: {pk: Business}; a closed category counts as its present edition."""
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
    found = {}
    for enterprise in enterprises:
        held = [flags[code] for code in codes[enterprise.pk] if code in flags]
        regimes = [any(column) for column in zip(*held, strict=True)] or [False, False, False]
        found[enterprise.pk] = staffing.Business(enterprise.size, *regimes)
    return found


def certificates_of(people):
    """The facts of all certificates of people, by person; takes a queryset or a list."""
    found = defaultdict(list)
    for pk, facts in records.latest(people, RecordKind.CERTIFICATE).values_list("person_id", "facts"):
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
    return (
        records.latest(OuterRef("person"), RecordKind.CERTIFICATE)
        .annotate(state=fact("state"), until=fact("expires_on"), held_for=fact("post_kind"))
        .filter(
            Q(held_for=OuterRef("kind")) | Q(held_for__isnull=True) | Q(held_for=""),
            Q(until__gte=on.isoformat()) | Q(until__isnull=True),
            state="in_force",
        )
    )


def by_validity(posts, validity, on):
    """Posts whose holders stand so: `valid`, `ending` or `missing`."""
    held = certificates_for_post(on)
    examined = Q(kind__in=staffing.NEEDS_CERTIFICATE)
    if validity == "valid":
        return posts.filter(~examined | Exists(held))
    if validity == "ending":
        later = (on + timedelta(days=staffing.SOON)).isoformat()
        return posts.filter(examined, Exists(held), ~Exists(held.exclude(until__lte=later)))
    return posts.filter(examined, ~Exists(held))


def find_people(people, text, viewer):
    """Those whose name, username or seen enterprise holds the text, or whose whole phone or ID number it is."""
    text = text.strip()
    if not text:
        return people
    named = Q(name__icontains=text) | Q(username__icontains=text)
    seen = posts_seen_by(viewer).filter(person=OuterRef("pk"), enterprise__unit__name__icontains=text)
    named |= Q(Exists(seen))
    if not identifiers.why_not_phone(text):
        named |= Q(phone_hash=vault.fingerprint("phone", identifiers.normalise_phone(text)))
    if not identifiers.why_not_id_number(text):
        named |= Q(id_hash=vault.fingerprint("id", identifiers.normalise_id_number(text)))
    return people.filter(named)


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


def list_enterprises(viewer, *, q="", district="", category="", trade="", on):
    """The enterprises of a viewer by her filters."""
    enterprises = enterprises_seen_by(viewer).filter(is_active=True)
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


def with_gap(enterprises, gap, on):
    """Those of the enterprises whose staffing is in a state, or, for `any`, is not in order."""
    known = staffing_of(enterprises, on)
    wanted = (staffing.VACANT, staffing.UNQUALIFIED) if gap == "any" else (gap,)
    return [enterprise for enterprise in enterprises if known[enterprise.pk].state in wanted]


def history_of(enterprise):
    """What happened to the posts of an enterprise: every version of every line, newest first."""
    subjects = [f"post:{pk}" for pk in enterprise.posts.values_list("pk", flat=True)]
    return (
        RecordEntry.objects.filter(subject__in=subjects)
        .select_related("person")
        .order_by(F("recorded_at").desc(), "-pk")
    )
