"""Who reaches what, and which desks that opens."""

from datetime import date

import pytest

from accounts import desks, queries, scope
from accounts.models import Role, RoleGrant

REACH = {
    "manager": ["jinhai"],
    "stranger_manager": ["hengtong"],
    "station": ["jinhai"],
    "district": ["jinhai"],
    "other_district": ["hengtong"],
    "city": ["hengtong", "jinhai"],
    "admin": ["hengtong", "jinhai"],
    "editor": [],
    "reviewer": [],
    "officer": [],
    "director": [],
    "principal": [],
    "stranger": [],
}


@pytest.mark.parametrize("name", REACH)
def test_everybody_sees_the_enterprises_of_her_reach(cast, name):
    known = {cast.jinhai: "jinhai", cast.hengtong: "hengtong"}
    seen = queries.enterprises_seen_by(getattr(cast, name))
    assert sorted(known[enterprise] for enterprise in seen) == REACH[name]


def test_a_role_that_ended_or_has_not_begun_opens_nothing(cast):
    RoleGrant.objects.filter(user=cast.manager).update(ends_on=date(2026, 1, 1))
    RoleGrant.objects.filter(user=cast.station).update(starts_on=date(2999, 1, 1))
    assert [list(queries.enterprises_seen_by(user)) for user in (cast.manager, cast.station)] == [[], []]


def test_one_request_asks_for_roles_and_posts_once(cast, django_assert_num_queries):
    with django_assert_num_queries(2):
        for _again in range(3):
            scope.grants_of(cast.manager)
            scope.posts_of(cast.manager)


def desks_of(user):
    return [(d.code, d.unit_id) for d in desks.desks(scope.grants_of(user), scope.posts_of(user))]


def test_desks_come_from_roles_and_posts_in_their_order(cast):
    RoleGrant.objects.create(
        user=cast.officer, role=Role.MANAGER, unit=cast.jinhai.unit, starts_on=date(2026, 1, 1)
    )
    RoleGrant.objects.create(
        user=cast.editor, role=Role.REVIEWER, unit=cast.city_organ, starts_on=date(2026, 1, 1)
    )
    assert [desks_of(user) for user in (cast.officer, cast.editor, cast.station, cast.stranger)] == [
        [("manager", cast.jinhai.unit_id), ("officer", cast.jinhai.unit_id)],
        [("editor", cast.city_organ.pk)],
        [("regulator", cast.station_organ.pk)],
        [("officer", cast.hengtong.unit_id)],
    ]


def test_whoever_left_every_post_keeps_her_own_file(cast):
    cast.stranger.posts.update(ended_on=date(2026, 1, 1))
    assert desks_of(cast.stranger) == [("officer", None)]


def test_a_kept_desk_holds_only_while_one_has_it():
    having = [desks.Desk("manager", 1), desks.Desk("officer", 1)]
    assert [
        desks.chosen(having, kept)
        for kept in (None, {"desk": "officer", "unit": 1}, {"desk": "admin", "unit": 1})
    ] == [having[0], having[1], having[0]]


def test_the_longest_address_is_the_current_place():
    def here(path):
        groups = desks.navigation("admin", set(), path)
        return [item["url"] for group in groups for item in group["items"] if item["is_current"]]

    assert [here("/people/"), here("/people/12/"), here("/people/import/x/"), here("/nowhere/")] == [
        ["/people/"],
        ["/people/"],
        ["/people/import/"],
        [],
    ]
