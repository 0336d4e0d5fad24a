"""Carrying out an import: all rows or none."""

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts import records
from accounts.actions.posts import line_of
from accounts.actions.turns import in_turn
from accounts.models import Enterprise, Post, Unit, User
from accounts.planning import plan
from audit.log import record, record_many
from catalog.models import ProductCategory


def import_people(sheet, *, by=None, dry_run=False):
    """Enter the enterprises, people and posts of a sheet: plan, and if no row has a problem, do all of it.

    Runs on what the database says now, so a preview that grew old cannot do harm; a second run changes nothing. A look is
    written down like a deed, because its answers tell something of people; the line holds counts and no names.
    """
    if dry_run:
        made = plan(sheet, by=by)
        if target := _noted_on(by):
            record("people.import_previewed", target, by=by, **_counted(made))
        return made
    return _bring_in(sheet, by)


def _noted_on(by):
    """What a look is noted on; nothing before the first organ is entered, when nobody can be met by a sheet."""
    return by or Unit.objects.filter(parent=None).order_by("pk").first()


def _counted(made):
    return made.counts() | {"problems": len(made.problems)}


@in_turn
def _bring_in(sheet, by):
    today = timezone.localdate()
    made = plan(sheet, by=by, on=today)
    if made.problems:
        if target := _noted_on(by):
            record("people.import_refused", target, by=by, **_counted(made))
        return made
    acts = [
        *_enter_enterprises(made, today),
        *_change_enterprises(made, today),
        *_enter_people(made),
        *_change_people(made),
        *_enter_posts(made, by),
        *_end_posts(made, by),
    ]
    if acts:
        root = by or acts[0][1]
        record_many([("people.imported", root, made.counts()), *acts], by=by)
    made.done = True
    return made


def _categories(today):
    return dict(ProductCategory.objects.in_force(today).values_list("code", "pk"))


def _link(enterprises, codes_of, today):
    """Point enterprises at their categories."""
    pks, through = _categories(today), Enterprise.categories.through
    through.objects.bulk_create(
        through(enterprise_id=enterprise.pk, productcategory_id=pks[code])
        for enterprise in enterprises
        for code in codes_of[enterprise.uscc]
    )


def _enter_enterprises(made, today):
    drafts = made.new_enterprises
    units = Unit.objects.bulk_create(
        Unit(
            kind=Unit.Kind.ENTERPRISE,
            code=draft.uscc,
            name=draft.name,
            parent=(organ := made.organs[draft.organ]),
            path=f"{organ.path}{draft.uscc}/",  # a bulk insert goes past Unit.save
            region_id=organ.region_id,
        )
        for draft in drafts
    )
    enterprises = Enterprise.objects.bulk_create(
        Enterprise(
            unit=unit,
            uscc=draft.uscc,
            produces=bool(draft.produces),
            sells=bool(draft.sells),
            size=draft.size or Enterprise.Size.SMALL,
            risk=draft.risk or Enterprise.Risk.LOW,
            address=draft.address,
        )
        for unit, draft in zip(units, drafts, strict=True)
    )
    _link(enterprises, {draft.uscc: draft.categories for draft in drafts}, today)
    made.enterprises |= {enterprise.uscc: enterprise for enterprise in enterprises}
    return [("enterprise.entered", enterprise, {}) for enterprise in enterprises]


def _change_enterprises(made, today):
    units, enterprises, regrouped = [], [], {}
    for enterprise, changes in made.changed_enterprises:
        unit = enterprise.unit
        unit.name = changes.get("name", unit.name)
        if "organ" in changes:
            organ = made.organs[changes["organ"]]
            unit.parent, unit.region_id, unit.path = organ, organ.region_id, f"{organ.path}{unit.code}/"
        units.append(unit)
        for name in ("produces", "sells", "size", "risk", "address"):
            setattr(enterprise, name, changes.get(name, getattr(enterprise, name)))
        enterprises.append(enterprise)
        if "categories" in changes:
            regrouped[enterprise.uscc] = changes["categories"]
    Unit.objects.bulk_update(units, ["name", "parent", "region", "path"], batch_size=200)
    Enterprise.objects.bulk_update(
        enterprises, ["produces", "sells", "size", "risk", "address"], batch_size=200
    )
    moved = [made.enterprises[uscc] for uscc in regrouped]
    Enterprise.categories.through.objects.filter(enterprise__in=moved).delete()
    _link(moved, regrouped, today)
    return [("enterprise.changed", enterprise, changes) for enterprise, changes in made.changed_enterprises]


def _enter_people(made):
    people = []
    for draft, username in made.new_people:
        user = User(username=username, name=draft.name, email=draft.email, password=make_password(None))
        user.phone, user.id_number = draft.phone, draft.id_number
        people.append(user)
    User.objects.bulk_create(people)
    drafts = [draft for draft, _username in made.new_people]
    made.people |= {draft.id_number: user for draft, user in zip(drafts, people, strict=True)}
    return [("person.entered", user, {}) for user in people]


def _change_people(made):
    for user, changes in made.changed_people:
        for name, value in changes.items():
            setattr(user, name, value)
    people = [user for user, _changes in made.changed_people]
    fields = ["email", "phone_sealed", "phone_hash", "phone_mask"]
    User.objects.bulk_update(people, fields, batch_size=100)
    # What allauth remembers of an e-mail would still open the account; it learns the new one when it needs it.
    EmailAddress.objects.filter(
        user__in=[user for user, changes in made.changed_people if "email" in changes]
    ).delete()
    return [("person.changed", user, {"fields": sorted(changes)}) for user, changes in made.changed_people]


def _enter_posts(made, by):
    posts = Post.objects.bulk_create(
        Post(
            person=made.people[draft.id_number],
            enterprise=made.enterprises[draft.uscc],
            kind=draft.kind,
            full_time=draft.full_time,
            appointed_on=draft.appointed_on,
            ended_on=draft.ended_on,
            paper=draft.paper,
        )
        for draft in made.new_posts
    )
    held = {}
    for enterprise, category in Enterprise.categories.through.objects.filter(
        enterprise__in={post.enterprise_id for post in posts}
    ).values_list("enterprise_id", "productcategory_id"):
        held.setdefault(enterprise, []).append(category)
    through = Post.categories.through
    through.objects.bulk_create(
        through(post_id=post.pk, productcategory_id=category)
        for post in posts
        for category in held.get(post.enterprise_id, ())
    )
    records.enter_many([line_of(post) for post in posts], by=by)
    return [("post.appointed", post, {"paper": post.paper}) for post in posts]


def _end_posts(made, by):
    for post, ended_on in made.ended_posts:
        post.ended_on = ended_on
    posts = [post for post, _day in made.ended_posts]
    Post.objects.bulk_update(posts, ["ended_on"], batch_size=200)
    records.enter_many([line_of(post) for post in posts], by=by)
    return [("post.ended", post, {"ended_on": post.ended_on.isoformat()}) for post in posts]
