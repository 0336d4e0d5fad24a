"""Carrying out an import: all rows or none, and what is needed to take it back."""

import json

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts import records, vault
from accounts.actions.posts import line_of
from accounts.actions.turns import in_turn
from accounts.models import Enterprise, Import, Post, RecordEntry, Unit, User
from accounts.planning import plan
from audit.log import record, record_many
from audit.models import AuditEvent, Outcome
from audit.transitions import move
from catalog.models import ProductCategory
from operations import statistics

N_ = lambda text: text  # noqa: E731 - marks a sentence for translation, which the page does

FILE_GONE = N_("暂存的文件已过期，请重新上传。")
OWN_FIELDS = ("produces", "sells", "size", "risk", "address")
CONTACTS = ("email", "phone_sealed", "phone_hash", "phone_mask")
FILLED = (
    Unit,
    Enterprise,
    Enterprise.categories.through,
    User,
    Post,
    Post.categories.through,
    RecordEntry,
    AuditEvent,
)
ENTERED = {"enterprises": "enterprise.entered", "people": "person.entered", "posts": "post.appointed"}


def import_people(sheet, *, by=None, dry_run=False, known_as="", digest=""):
    """Enter the enterprises, people and posts of a sheet: plan, and if no row has a problem, do all of it.

    Runs on what the database says now, so a preview that grew old cannot do harm; a second run changes nothing. A look is
    written down like a deed, because its answers tell something of people; the line holds counts and no names.
    """
    if dry_run:
        made = plan(sheet, by=by)
        if target := _noted_on(by):
            record("people.import_previewed", target, by=by, **_counted(made))
        return made
    return _bring_in(sheet, by, known_as, digest)


@transaction.atomic
def ask_for(token, *, by, known_as, digest, rows):
    """Note that a workbook is to be brought in by the background worker, and enqueue it; asked twice it is one import."""
    from accounts import tasks  # here, since the task is made of this module's acts

    asked, is_new = Import.objects.exclude(state=Import.State.REFUSED).get_or_create(
        token=token,
        defaults={"by": by, "file_name": known_as[:200], "digest": digest, "counts": {"rows": rows}},
    )
    if is_new:
        record("import.waiting", asked, by=by, rows=rows)
        tasks.carry_out.enqueue(asked.pk)
    return asked


@in_turn
def carry_out(asked, sheet, tell=lambda step: None):
    """Bring in what was asked for, or write down that it was not; a repetition finds it done and does nothing."""
    asked = Import.objects.select_for_update(of=("self",)).select_related("by").get(pk=asked.pk)
    if asked.state != Import.State.WAITING:
        return asked
    if not asked.by.is_active:
        return turn_away(asked, N_("导入人的账号已停用。"))
    tell("plan")
    made = plan(sheet, by=asked.by)
    if made.problems:
        record("people.import_refused", asked, by=asked.by, outcome=Outcome.REFUSED, **_counted(made))
        return turn_away(asked, N_("自检查以来，系统中的数据有了变化，文件里有的行不再成立。"))
    acts, former = _write(made, asked.by, tell)
    record_many([("people.imported", asked, made.counts()), *acts], by=asked.by)
    now = timezone.now()
    return move(
        asked,
        to=Import.State.DONE,
        by=asked.by,
        counts=made.counts(),
        former_sealed=sealed(former),
        finished_at=now,
    )


def turn_away(asked, why):
    """Write down that an import was not carried out, and why."""
    return move(asked, to=Import.State.REFUSED, by=asked.by, why=why, refusal=why, finished_at=timezone.now())


def sealed(former):
    """What an undo needs, encrypted; the number of the last audit line tells what happened afterwards."""
    last = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first()
    return vault.encrypt(json.dumps(former | {"after": last}, ensure_ascii=False))


def _noted_on(by):
    """What a look is noted on; nothing before the first organ is entered, when nobody can be met by a sheet."""
    return by or Unit.objects.filter(parent=None).order_by("pk").first()


def _counted(made):
    return made.counts() | {"problems": len(made.problems)}


@in_turn
def _bring_in(sheet, by, known_as, digest):
    made = plan(sheet, by=by)
    if made.problems:
        if target := _noted_on(by):
            record("people.import_refused", target, by=by, outcome=Outcome.REFUSED, **_counted(made))
        return made
    acts, former = _write(made, by)
    if acts:
        done = Import.objects.create(
            by=by,
            file_name=known_as[:200],
            digest=digest,
            counts=made.counts(),
            state=Import.State.DONE,
            finished_at=timezone.now(),
        )
        record_many([("people.imported", done, made.counts()), *acts], by=by)
        done.former_sealed = sealed(former)
        done.save(update_fields=["former_sealed"])
        made.kept_as = done
    made.done = True
    return made


def _write(made, by, tell=lambda step: None):
    """Do what was planned; gives the audit lines and what an undo needs."""
    today = timezone.localdate()
    former = {
        "changed_enterprises": [_as_it_is(enterprise) for enterprise, _changes in made.changed_enterprises],
        "changed_people": [
            {name: getattr(user, name) for name in ("pk", *CONTACTS)}
            for user, _changes in made.changed_people
        ],
        "ended": [post.pk for post, _day in made.ended_posts],
    }
    acts = []
    for step, write in (
        ("enterprises", lambda: _enter_enterprises(made, today)),
        ("enterprises", lambda: _change_enterprises(made, today)),
        ("people", lambda: _enter_people(made)),
        ("people", lambda: _change_people(made)),
        ("posts", lambda: _enter_posts(made, by)),
        ("posts", lambda: _end_posts(made, by)),
    ):
        tell(step)
        acts += write()
    tell("audit")
    statistics.learn(FILLED, len(acts))
    for name, action in ENTERED.items():
        former[name] = [thing.pk for code, thing, _data in acts if code == action]
    return acts, former


def _as_it_is(enterprise):
    unit = enterprise.unit
    return {
        "pk": enterprise.pk,
        "unit": {name: getattr(unit, name) for name in ("name", "parent_id", "region_id", "path")},
        "own": {name: getattr(enterprise, name) for name in OWN_FIELDS},
        "categories": [category.pk for category in enterprise.categories.all()],
    }


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
        for name in OWN_FIELDS:
            setattr(enterprise, name, changes.get(name, getattr(enterprise, name)))
        enterprises.append(enterprise)
        if "categories" in changes:
            regrouped[enterprise.uscc] = changes["categories"]
    Unit.objects.bulk_update(units, ["name", "parent", "region", "path"], batch_size=200)
    Enterprise.objects.bulk_update(enterprises, OWN_FIELDS, batch_size=200)
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
    User.objects.bulk_update(people, CONTACTS, batch_size=100)
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
