"""Taking an import back within a day: all of it, and only while nothing has been built upon it."""

import json
from collections import Counter

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import records, telling, vault
from accounts.actions.importing import CONTACTS, OWN_FIELDS
from accounts.actions.posts import line_of
from accounts.actions.turns import in_turn
from accounts.exchange import is_reserved
from accounts.models import Enterprise, Import, Post, RecordEntry, Unit, User
from accounts.models.imports import UNDO_WITHIN
from accounts.planning import chunks
from accounts.reach import Reach
from audit.log import name_of, record, record_many
from audit.models import AuditEvent, Outcome
from audit.transitions import Refused, move

# Looks, and what strangers tried: nothing was changed by them.
HARMLESS = ("person.revealed", "person.reveal_refused", "record.printed", "account.sign_in_failed")


class BuiltUpon(Refused):
    """Something has happened since to what was imported: `since` counts it by codes that `telling` has words for."""

    def __init__(self, since):
        super().__init__(since)
        self.since = since

    def __str__(self):
        return telling.built_upon(self.since)

    @property
    def kept(self):
        """What is kept of it, for readers of any language."""
        return telling.keep(self.since)


@transaction.atomic
def ask_to_undo(done, *, by):
    """Let the background worker take a long import back; it is done there, or comes back with the reason why not."""
    from accounts import tasks  # here, since the task is made of this module's act

    move(done, to=Import.State.UNDOING, by=by, refusal="")
    tasks.take_back.enqueue(done.pk, by.pk)
    return done


def undo_import(done, *, by):
    """Take an import back: posts that it entered go, posts that it ended are held again, changed values are as before,
    enterprises that it entered go, and people that it entered become empty accounts that nobody can use.

    If anything has happened to one of these rows since, nothing is done, and the refusal says what.
    """
    try:
        return _undo(done, by)
    except Refused as refusal:
        record("import.undo_refused", done, by=by, outcome=Outcome.REFUSED, why=str(refusal))
        raise


@in_turn
def _undo(done, by):
    done = Import.objects.select_for_update().get(pk=done.pk)
    if done.state == Import.State.UNDONE:
        return done
    now = timezone.now()
    if not done.may_be_undone(now):
        raise Refused(_("导入满 24 小时后不能再撤销。"))
    rows = _Rows(json.loads(vault.decrypt(done.former_sealed)))
    if not all(Reach(by, timezone.localdate()).covers(path) for path in rows.paths()):
        raise Refused(_("这次导入涉及您管理范围之外的企业，不能由您撤销。"))
    rows.hold()
    if since := rows.since():
        raise BuiltUpon(dict(since.most_common()))
    record_many(rows.take_back(by), by=by)
    return move(done, to=Import.State.UNDONE, by=by, undone_at=now, former_sealed="", facts=done.counts)


def forget_former(*, now):
    """Empty what an undo would need where its day is over; gives how many imports that were."""
    over = Import.objects.filter(finished_at__lte=now - UNDO_WITHIN, state=Import.State.DONE).exclude(
        former_sealed=""
    )
    return over.update(former_sealed="")


class _Rows:
    """The rows of an import, what has happened to them since, and the way back."""

    def __init__(self, former):
        self.after, self.former = former["after"], former
        self.posts, self.people = former["posts"], former["people"]
        self.ended, self.entered = former["ended"], former["enterprises"]
        self.changed_people = {row["pk"]: row for row in former["changed_people"]}
        self.changed = {row["pk"]: row for row in former["changed_enterprises"]}
        self.units = _all(Enterprise.objects, self.entered, "unit_id")

    def paths(self):
        """Where the enterprises lie that it touched."""
        touched = {*self.entered, *self.changed}
        touched |= set(_all(Post.objects, [*self.posts, *self.ended], "enterprise_id"))
        return _all(Enterprise.objects, touched, "unit__path")

    def hold(self):
        """Let appointments of these people wait. What else arrives meanwhile, the database's own references refuse."""
        for some in chunks([*self.people, *self.changed_people]):
            list(User.objects.select_for_update().filter(pk__in=some).order_by("pk").values_list("pk"))

    def since(self):
        """What stands against taking it back, with counts: acts and rows of tables by their codes."""
        found = Counter()
        targets = [
            (Post, [*self.posts, *self.ended]),
            (User, [*self.people, *self.changed_people]),
            (Enterprise, [*self.entered, *self.changed]),
        ]
        for model, pks in targets:
            for names in chunks(name_of(model(pk=pk)) for pk in pks):
                events = AuditEvent.objects.filter(target__in=names, pk__gt=self.after)
                for action in events.exclude(action__in=HARMLESS).values_list("action", flat=True):
                    found[action] += 1
        for model, pks in (
            (Post, self.posts),
            (User, self.people),
            (Enterprise, self.entered),
            (Unit, self.units),
        ):
            for name, count in self._leaning_on(model, pks):
                found[name] += count
        found["posts_taken"] += self._posts_taken()
        found["contacts_taken"] += self._contacts_taken()
        return +found

    def _leaning_on(self, model, pks):
        """Rows of any table that point at entered ones and are not the import's own."""
        for relation in model._meta.get_fields(include_hidden=True):
            if not (
                relation.auto_created
                and not relation.concrete
                and (relation.one_to_many or relation.one_to_one)
            ):
                continue
            other, field = relation.related_model, relation.field.name
            if other._meta.auto_created:  # the links to categories, which go along
                continue
            for some in chunks(pks):
                rows = other._base_manager.filter(**{f"{field}__in": some})
                if other is Post:
                    count = len(set(rows.values_list("pk", flat=True)) - set(self.posts))
                elif other is RecordEntry:
                    own = {f"post:{pk}" for pk in self.posts}
                    count = sum(subject not in own for subject in rows.values_list("subject", flat=True))
                elif other is Enterprise and model is Unit:
                    count = 0
                else:
                    count = rows.count()
                if count:
                    yield other._meta.label, count

    def _posts_taken(self):
        """Posts that it ended and in whose place another was begun since."""
        own, count = set(self.posts), 0
        for some in chunks(self.ended):
            ended = Post.objects.filter(pk__in=some).values_list("person", "enterprise", "kind")
            wanted = set(ended)
            held = Post.objects.filter(person__in={person for person, *_rest in wanted}, ended_on=None)
            count += sum(
                (person, enterprise, kind) in wanted and pk not in own
                for pk, person, enterprise, kind in held.values_list("pk", "person", "enterprise", "kind")
            )
        return count

    def _contacts_taken(self):
        """Former phones and e-mails that are another person's by now."""
        rows, count = self.changed_people.values(), 0
        for field in ("phone_hash", "email"):
            owners = {row[field]: row["pk"] for row in rows if row[field]}
            for some in chunks(owners):
                now = User.objects.filter(**{f"{field}__in": some}).values_list(field, "pk")
                count += sum(owners[value] != pk for value, pk in now)
        return count

    def take_back(self, by):
        """Do it; gives the audit lines."""
        return [
            *self._withdraw_posts(by),
            *self._reopen_posts(by),
            *self._restore_people(),
            *self._empty_people(),
            *self._restore_enterprises(),
            *self._remove_enterprises(),
        ]

    def _withdraw_posts(self, by):
        acts = []
        for some in chunks(self.posts):
            posts = list(Post.objects.filter(pk__in=some).select_related("enterprise__unit", "person"))
            records.enter_many([_withdrawn(post) for post in posts], by=by)
            acts += [("post.withdrawn", post, {}) for post in posts]
            Post.categories.through.objects.filter(post__in=some).delete()
            _delete(Post.objects.filter(pk__in=some))
        return acts

    def _reopen_posts(self, by):
        posts = []
        for some in chunks(self.ended):
            Post.objects.filter(pk__in=some).update(ended_on=None)
            posts += Post.objects.filter(pk__in=some).select_related("enterprise__unit", "person")
        records.enter_many([line_of(post) for post in posts], by=by)
        return [("post.reopened", post, {}) for post in posts]

    def _restore_people(self):
        people = list(_rows(User.objects, self.changed_people))
        # In two steps: two of them may have exchanged their numbers.
        for some in chunks(self.changed_people):
            User.objects.filter(pk__in=some).update(phone_hash=None, email="")
        for user in people:
            for name in CONTACTS:
                setattr(user, name, self.changed_people[user.pk][name])
        User.objects.bulk_update(people, CONTACTS, batch_size=100)
        return [("person.restored", user, {}) for user in people]

    def _empty_people(self):
        """The account stays, since the file keeps its lines; its numbers and its chosen name are free again."""
        empty = dict.fromkeys(("email", "phone_sealed", "phone_mask", "id_sealed", "id_mask"), "")
        for some in chunks(self.people):
            User.objects.filter(pk__in=some).update(is_active=False, phone_hash=None, id_hash=None, **empty)
        people = list(_rows(User.objects, self.people))
        for user in people:
            if not is_reserved(user.username):  # the house's own numbers are given once
                User.objects.filter(pk=user.pk).update(username=f"withdrawn-{user.pk}")
        return [("person.withdrawn", user, {}) for user in people]

    def _restore_enterprises(self):
        enterprises = list(_rows(Enterprise.objects.select_related("unit"), self.changed))
        through = Enterprise.categories.through
        for enterprise in enterprises:
            was = self.changed[enterprise.pk]
            for thing, values in ((enterprise.unit, was["unit"]), (enterprise, was["own"])):
                for name, value in values.items():
                    setattr(thing, name, value)
        Unit.objects.bulk_update(
            [enterprise.unit for enterprise in enterprises],
            ["name", "parent", "region", "path"],
            batch_size=200,
        )
        Enterprise.objects.bulk_update(enterprises, OWN_FIELDS, batch_size=200)
        for some in chunks(self.changed):
            through.objects.filter(enterprise__in=some).delete()
        through.objects.bulk_create(
            through(enterprise_id=pk, productcategory_id=category)
            for pk, was in self.changed.items()
            for category in was["categories"]
        )
        return [("enterprise.restored", enterprise, {}) for enterprise in enterprises]

    def _remove_enterprises(self):
        acts = [
            ("enterprise.withdrawn", enterprise, {"uscc": enterprise.uscc})
            for enterprise in _rows(Enterprise.objects.select_related("unit"), self.entered)
        ]
        for some in chunks(self.entered):
            Enterprise.categories.through.objects.filter(enterprise__in=some).delete()
            _delete(Enterprise.objects.filter(pk__in=some))
        for some in chunks(self.units):
            _delete(Unit.objects.filter(pk__in=some))
        return acts


def _withdrawn(post):
    line = line_of(post, withdrawn=True)
    return records.Line(**vars(line) | {"title": f"撤销登记：{line.title.partition('：')[2]}"})


def _all(manager, pks, field):
    return [
        value for some in chunks(pks) for value in manager.filter(pk__in=some).values_list(field, flat=True)
    ]


def _rows(manager, pks):
    for some in chunks(pks):
        yield from manager.filter(pk__in=some)


def _delete(rows):
    """Delete without asking once more what points at them: `since` has, and the database would not let it happen."""
    rows.order_by()._raw_delete(rows.db)
