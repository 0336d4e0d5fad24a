"""Making two files one, telling two people apart, and taking a merge back within thirty days."""

import json

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import merging, records, vault
from accounts.actions.logins import end_actings, end_logins
from accounts.actions.outside import end_links
from accounts.actions.posts import line_of
from accounts.actions.turns import in_turn
from accounts.merging import DECIDED, LEFT_BEHIND, MOVES, NUMBERS, columns
from accounts.models import Merge, NotSame, Post, RoleGrant, User
from accounts.models.merging import UNDO_WITHIN
from audit.log import record, record_many
from audit.models import Outcome
from audit.transitions import Refused

SHORTEST_REASON = 4
END_REASON = "人员合并：同一岗位重复登记"  # the personnel file is Chinese whatever language its writer reads


def merge(kept, absorbed, *, reason, number_reason="", by):
    """Make two files one: what can move goes to the kept person, what can never be changed is read with hers from now on, and
    the absorbed account opens nothing any more. A second time changes nothing.
    """
    try:
        return _merge(kept, absorbed, _reason(reason), number_reason.strip(), by)
    except Refused as refusal:
        names = {"absorbed": str(absorbed), "absorbed_id": absorbed.pk}
        record("person.merge_refused", kept, by=by, outcome=Outcome.REFUSED, why=str(refusal), **names)
        raise


def _reason(text):
    text = text.strip()
    if len(text) < SHORTEST_REASON:
        raise Refused(_("请写明理由，至少 4 个字。"))
    return text[:200]


def _held(kept, absorbed):
    """Both people under their locks, and after them the rows that move, always in this order.

    NO KEY: who writes a line of a file under a lock of his own still may point at them, and is not waited for crosswise.
    """
    people = User.objects.select_for_update(no_key=True).filter(pk__in=[kept.pk, absorbed.pk])
    found = {person.pk: person for person in people.order_by("pk")}
    for _label, model, name in columns(MOVES):
        rows = model._base_manager.filter(**{f"{name}__in": [kept.pk, absorbed.pk]}).order_by("pk")
        list(rows.select_for_update(no_key=True, of=("self",)).values_list("pk"))
    return found[kept.pk], found[absorbed.pk]


@in_turn
def _merge(kept, absorbed, reason, number_reason, by):
    kept, absorbed = _held(kept, absorbed) if kept.pk != absorbed.pk else (kept, absorbed)
    if done := Merge.objects.filter(kept=kept, absorbed=absorbed, undone_at=None).first():
        return done
    seen = merging.outlook(kept, absorbed, by)
    if seen.refusals:
        raise Refused(seen.refusals[0])
    if seen.needs_number_reason and len(number_reason) < SHORTEST_REASON:
        raise Refused(
            _("两人登记的证件号码不同，不能直接合并。确认是录入有误的，请说明依据；保留的人的号码不变。")
        )
    former = {"was_active": absorbed.is_active, "numbers": _hand_over(kept, absorbed, seen.over)}
    acts = _move(kept, absorbed, former, by)
    absorbed.is_active, absorbed.merged_into = False, kept
    absorbed.save(update_fields=["is_active", "merged_into"])
    end_actings(absorbed, why=_("账号已并入另一人。"))
    end_logins(absorbed)
    end_links(absorbed)
    counts = {label: len(pks) for label, pks in former["moved"].items() if pks}
    done = Merge.objects.create(
        kept=kept,
        absorbed=absorbed,
        by=by,
        reason=reason,
        number_reason=number_reason[:200] if seen.needs_number_reason else "",
        counts=counts,
        former_sealed=vault.encrypt(json.dumps(former, ensure_ascii=False)),
    )
    facts = _names(done) | {"why": reason, "numbers": sorted(former["numbers"]), "counts": counts}
    if done.number_reason:
        facts["number_reason"] = done.number_reason
    record_many([*acts, ("person.merged", kept, facts), ("person.merged", absorbed, facts)], by=by)
    return done


def _names(done):
    return {
        "merge": done.pk,
        "kept": f"{done.kept} ({done.kept.username})",
        "absorbed": f"{done.absorbed} ({done.absorbed.username})",
    }


def _hand_over(kept, absorbed, over):
    """Give the kept person the numbers that only the other has; gives what an undo needs of them."""
    former = {}
    for name in over:
        former[name] = {column: getattr(absorbed, column) for column in NUMBERS[name]}
        if name != "email":  # sealed once more with the whole, so that a rotation of the keys reaches it
            former[name][f"{name}_sealed"] = vault.decrypt(getattr(absorbed, f"{name}_sealed"))
    values = {column: getattr(absorbed, column) for name in over for column in NUMBERS[name]}
    if values:
        _set(absorbed, {column: _nothing(column) for column in values})
        _set(kept, values)
    return former


def _nothing(column):
    return None if column.endswith("_hash") else ""


def _set(person, values):
    for column, value in values.items():
        setattr(person, column, value)
    person.save(update_fields=list(values))


def _move(kept, absorbed, former, by):
    """Move what the table says; gives the audit lines of what had to be ended."""
    twice = {
        label: merging.meeting(label, model, name, kept.pk, absorbed.pk)
        for label, model, name in columns(MOVES)
    }
    posts, grants = twice["accounts.Post.person"], twice["accounts.RoleGrant.user"]
    former["twice"] = {"posts": sorted(posts.items()), "grants": sorted(grants.items())}
    today = timezone.localdate()
    for post in Post.objects.filter(pk__in=posts):
        Post.objects.filter(pk=post.pk).update(ended_on=max(today, post.appointed_on))
    RoleGrant.objects.filter(pk__in=grants).update(ends_on=today)
    former["moved"] = {}
    for label, model, name in columns(MOVES):
        rows = model._base_manager.filter(**{name: absorbed.pk})
        if label in LEFT_BEHIND:
            rows = rows.exclude(pk__in=list(twice[label]))
        pks = sorted(rows.values_list("pk", flat=True))
        model._base_manager.filter(pk__in=pks).update(**{name: kept.pk})
        former["moved"][label] = pks
    former["repointed"] = _repoint(former["moved"].get("exams.Registration.candidate", ()), posts)
    ended = list(
        Post.objects.filter(pk__in=posts).select_related("enterprise__unit", "person").order_by("pk")
    )
    records.enter_many([line_of(post, end_reason=END_REASON) for post in ended], by=by)
    acts = [("post.ended", post, {"reason": END_REASON, "ended_on": str(post.ended_on)}) for post in ended]
    return [
        *acts,
        *[("grant.delegation_ended", lent, _told(lent)) for lent in _lent(grants, today)],
        *[("grant.ended", given, _told(given)) for given in _given(grants)],
    ]


def _given(pks):
    return RoleGrant.objects.filter(pk__in=pks).select_related("user", "unit").order_by("pk")


def _lent(pks, today):
    """What was delegated of these roles and has days left: it is over, and holds again, with that on which it hangs."""
    lent = RoleGrant.objects.filter(delegated_from__in=pks, ends_on__gt=today)
    return lent.select_related("user", "unit").order_by("pk")


def _told(given):
    return {"role": given.role, "unit": given.unit.code}


def _repoint(registrations, posts):
    """Registrations under a post that was ended here go on under the same post of the kept person; gives what they were."""
    model, before = merging.model_of("exams.Registration"), []
    if model:
        rows = model._base_manager.filter(pk__in=registrations, post__in=list(posts))
        before = sorted(rows.values_list("pk", "post_id"))
    for pk, post in before:
        model._base_manager.filter(pk=pk).update(post=posts[post])
    return before


# --- The way back -------------------------------------------------------------------------------------------------------


def undo_merge(done, *, reason, by):
    """Part the two again: every row that moved goes back as it is by now, and so do the numbers. Refused, with counts, where
    something was made since that could belong to neither of them.
    """
    try:
        return _undo(done, _reason(reason), by)
    except Refused as refusal:
        facts = _names(done)
        record(
            "person.merge_undo_refused", done.kept, by=by, outcome=Outcome.REFUSED, why=str(refusal), **facts
        )
        raise


@in_turn
def _undo(done, reason, by):
    kept, absorbed = _held(done.kept, done.absorbed)
    done = Merge.objects.select_for_update(of=("self",)).select_related("kept", "absorbed").get(pk=done.pk)
    if done.undone_at:
        return done
    now = timezone.now()
    former = json.loads(vault.decrypt(done.former_sealed)) if done.may_be_undone(now) else {}
    if why := merging.why_not_back(done, former, by, now):
        raise Refused(why)
    for label, pks in former["moved"].items():
        if DECIDED.get(label) == MOVES and (model := merging.model_of(label.rpartition(".")[0])):
            name = label.rpartition(".")[2]
            model._base_manager.filter(pk__in=pks, **{name: kept.pk}).update(**{name: absorbed.pk})
    acts = _reopen(former, by)
    absorbed.is_active, absorbed.merged_into = former["was_active"], None
    absorbed.save(update_fields=["is_active", "merged_into"])
    _hand_back(kept, absorbed, former["numbers"])
    _return_lines(done, former, absorbed, by)
    done.undone_at, done.undone_by, done.why_undone, done.former_sealed = now, by, reason, ""
    done.save(update_fields=["undone_at", "undone_by", "why_undone", "former_sealed"])
    facts = _names(done) | {"why": reason}
    record_many(
        [*acts, ("person.merge_undone", kept, facts), ("person.merge_undone", absorbed, facts)], by=by
    )
    return done


def _reopen(former, by):
    """Posts and roles that the merge ended because there were two of them are held again; gives the audit lines."""
    posts, grants = ([pk for pk, _met in former["twice"][one]] for one in ("posts", "grants"))
    Post.objects.filter(pk__in=posts).update(ended_on=None)
    RoleGrant.objects.filter(pk__in=grants).update(ends_on=None)
    for pk, post in former["repointed"]:
        merging.model_of("exams.Registration")._base_manager.filter(pk=pk).update(post=post)
    reopened = list(
        Post.objects.filter(pk__in=posts).select_related("enterprise__unit", "person").order_by("pk")
    )
    records.enter_many([line_of(post) for post in reopened], by=by)
    return [
        *[("post.reopened", post, {}) for post in reopened],
        *[("grant.reopened", given, _told(given)) for given in _given(grants)],
        *[("grant.reopened", lent, _told(lent)) for lent in _lent(grants, timezone.localdate())],
    ]


def _hand_back(kept, absorbed, numbers):
    """Give the absorbed person her numbers again; a number that the kept one has changed since, she keeps."""
    for name, former in numbers.items():
        first, *_rest = NUMBERS[name]
        values = {column: former[column] for column in NUMBERS[name]}
        if getattr(kept, first) == former[first]:
            values = {column: getattr(kept, column) for column in NUMBERS[name]}  # sealed as it lies there
            _set(kept, {column: _nothing(column) for column in values})
        elif name != "email":
            values[f"{name}_sealed"] = vault.encrypt(former[f"{name}_sealed"])
        _set(absorbed, values)


def _return_lines(done, former, absorbed, by):
    """What the file says since of rows that went back is said once more, in the file to which it belongs."""
    lines = merging.lines_to_return(done, former)
    again = [
        records.Line(absorbed.pk, line.subject, line.kind, line.occurred_on, line.title, line.facts)
        for line in lines
    ]
    records.enter_many(again, by=by)


def forget_merges(*, now):
    """Empty what an undo would need where its thirty days are over; gives how many merges that were."""
    over = Merge.objects.filter(at__lte=now - UNDO_WITHIN, undone_at=None).exclude(former_sealed="")
    return over.update(former_sealed="")


# --- Two people ---------------------------------------------------------------------------------------------------------


def tell_apart(one, other, *, reason, by):
    """Write down that two are not the same person, so that they are not proposed again; saying it twice changes nothing."""
    reason = _reason(reason)
    first, second = sorted((one, other), key=lambda person: person.pk)
    if first.pk == second.pk:
        raise Refused(_("请选择两个不同的人。"))
    if known := NotSame.objects.filter(first=first, second=second).first():
        return known
    try:
        with transaction.atomic():
            made = NotSame.objects.create(first=first, second=second, by=by, reason=reason)
            record("person.told_apart", first, by=by, why=reason, other=f"{second} ({second.username})")
            return made
    except IntegrityError:  # somebody said it in the same moment
        return NotSame.objects.get(first=first, second=second)
