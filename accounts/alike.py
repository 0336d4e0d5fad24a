"""People who may be the same: who is proposed to whom, and what is shown of two beside each other."""

from collections import Counter, defaultdict

from django.db.models import Q
from django.utils import timezone

from accounts import likeness, merging, records, scope
from accounts.models import Merge, NotSame, Post, RecordKind, User
from accounts.oneself import owner
from accounts.reach import Reach

MOST_NAMESAKES = 400  # of one name that are held against each other; more than that is no name


def people_within(user):
    """Those whom somebody may find to be doubles: with a post, of whatever time, below her organs; a city's administrator has all."""
    people = User.objects.filter(merged_into=None, is_active=True)
    if Reach(user, timezone.localdate()).runs_all:
        return people
    posts = Post.objects.filter(scope.within(user, *merging.ORGANS, path="enterprise__unit__path"))
    return people.filter(pk__in=posts.order_by().values("person"))


def proposed_to(user):
    """The pairs that look like one person, the likeliest first: three queries for a street or for a city.

    Names are brought into their one spelling here and not in the database, which knows no traditional characters; of twenty
    thousand people that takes a tenth of a second. Numbers are read only of people whose masks already look alike.
    """
    rows = {
        pk: values
        for pk, *values in people_within(user)
        .order_by()
        .values_list("pk", "name", "phone_mask", "id_mask", "id_sealed")
    }
    groups = likeness.namesakes((pk, values[0]) for pk, values in rows.items())
    keys = [pk for group in groups for pk in group[:MOST_NAMESAKES]]
    places = places_of(keys)
    sides = [side_of(pk, *rows[pk], places[pk]) for pk in keys]
    return likeness.pairs(sides, told_apart())


def side_of(pk, name, phone_mask, id_mask, id_sealed, places):
    """A person as `likeness` compares her."""
    return likeness.Side(
        pk, name, phone_mask, id_mask, frozenset(places), lambda: User(id_sealed=id_sealed).id_number
    )


def places_of(people):
    """The enterprises in which people ever held a post: {pk: {enterprise}}; one query, however many they are."""
    found = defaultdict(set)
    wanted = set(people)
    posts = Post.objects.order_by().values_list("person_id", "enterprise_id")
    if len(wanted) <= 500:
        posts = posts.filter(person__in=wanted)
    for person, enterprise in posts.iterator() if wanted else ():
        if person in wanted:
            found[person].add(enterprise)
    return found


def told_apart():
    """The pairs that somebody told apart."""
    return set(NotSame.objects.values_list("first_id", "second_id"))


def beside(people):
    """What is shown of people beside one another: {pk: {person, posts, results, certificates}}; three queries."""
    rows = User.objects.in_bulk(list(people))
    posts = defaultdict(list)
    for post in (
        Post.objects.filter(person__in=rows)
        .select_related("enterprise__unit")
        .order_by("-appointed_on", "-pk")
    ):
        posts[post.person_id].append(post)
    lines = Counter(
        records.latest(list(rows), RecordKind.RESULT, RecordKind.CERTIFICATE)
        .annotate(owner=owner("person"))
        .order_by()
        .values_list("owner", "kind")
    )
    return {
        pk: {
            "person": person,
            "posts": posts[pk],
            "results": lines[pk, RecordKind.RESULT],
            "certificates": lines[pk, RecordKind.CERTIFICATE],
        }
        for pk, person in rows.items()
    }


def kept_first(first, second):
    """Which of two rows to keep, as long as nobody says otherwise: who signs in, who has a number, who was entered earlier."""
    return sorted(
        (first, second), key=lambda one: (not one.is_taken_up, not one.id_hash, one.joined_at, one.pk)
    )


def found_within(user, *keys):
    """The rows of these keys if all are within somebody's reach, in the order of the keys, else None."""
    rows = people_within(user).in_bulk(keys)
    return [rows[key] for key in keys] if len(rows) == len(set(keys)) else None


def resembling(drafts, reach, places_known):
    """Who resembles the people that a sheet would enter: [(draft, person, reasons)], as far as somebody knows of them.

    `places_known` gives where people stand, for a resemblance may betray as much as a conflict. Four queries.
    """
    wanted = {likeness.spelled(draft.name) for draft, _places in drafts}
    fields = ("pk", "name", "phone_mask", "id_mask", "id_sealed")
    met = defaultdict(list)
    if wanted:
        for row in User.objects.filter(merged_into=None, is_active=True).order_by().values_list(*fields):
            if (name := likeness.spelled(row[1])) in wanted:
                met[name].append(row)
    keys = [row[0] for rows in met.values() for row in rows]
    places, found = places_of(keys), []
    for draft, drafted in drafts:
        side = likeness.Side("", draft.name, *_masks(draft), frozenset(drafted), draft.id_number)
        for row in met[likeness.spelled(draft.name)][:MOST_NAMESAKES]:
            if why := likeness.reasons(side, side_of(*row, places[row[0]])):
                found.append((draft, row[0], why))
    people = User.objects.in_bulk({pk for _draft, pk, _why in found})
    standing = places_known(people.values(), reach)
    return [
        (draft, people[pk], why) for draft, pk, why in found if reach.runs_all or reach.knows(standing[pk])
    ]


def _masks(draft):
    one = User()
    one.phone, one.id_number = draft.phone, draft.id_number
    return one.phone_mask, one.id_mask


def merges_seen_by(user):
    """The merges of people within somebody's reach; an administrator of the whole tree sees all."""
    found = Merge.objects.select_related("kept", "absorbed", "by", "undone_by")
    people, runs_all = people_within(user), Reach(user, timezone.localdate()).runs_all
    return found if runs_all else found.filter(Q(kept__in=people) | Q(kept__merged_into__in=people))


def also_known_as(person):
    """The accounts that were merged into a person's, as the page tells them; one query."""
    return User.objects.filter(merged_into=person).order_by("pk")
