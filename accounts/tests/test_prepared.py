"""A prepared query gives what the ordinary one gives, whoever asks and however often."""

from datetime import date

from django.db.models import DateField

from accounts.models import Post, User
from accounts.prepared import Prepared, given
from accounts.sessions import SessionStore


def posts(person, on):
    return Post.objects.current(on).filter(person=person).select_related("enterprise__unit")


PREPARED = Prepared(lambda: posts(given("person"), given("on", DateField())))


def told(rows):
    return [
        (
            {f.attname: getattr(row, f.attname) for f in Post._meta.concrete_fields},
            row.enterprise.uscc,
            row.enterprise.unit.name,
        )
        for row in rows
    ]


def test_it_gives_the_same_objects_with_what_hangs_on_them(cast, django_assert_num_queries):
    for _time in range(2):
        for person in (cast.officer, cast.director, cast.manager):
            for on in (date(2024, 1, 1), date(2026, 1, 1)):
                expected = told(posts(person, on))
                with django_assert_num_queries(1):
                    assert told(PREPARED.rows(person=person.pk, on=on)) == expected
    assert len(PREPARED.rows(person=cast.officer.pk, on=date(2026, 1, 1))) == 1
    assert PREPARED.one(person=cast.manager.pk, on=date(2026, 1, 1)) is None


def test_values_come_as_named_tuples(cast):
    query = Prepared(lambda: User.objects.filter(pk=given("pk")).values_list("name", "joined_at"))
    row = query.one(pk=cast.officer.pk)
    assert (row.name, row.joined_at) == (cast.officer.name, cast.officer.joined_at)


def test_session_and_person_are_one_query(cast, as_user, django_assert_num_queries):
    client = as_user(cast.officer)
    store = SessionStore(client.session.session_key)
    with django_assert_num_queries(1):
        assert store["_auth_user_id"] == str(cast.officer.pk)
        assert store.person == cast.officer
        assert store.person.phone == cast.officer.phone


def test_a_login_of_nobody_and_one_that_is_over_are_empty(cast, as_user):
    assert SessionStore("no-such-key").get("x") is None
    client = as_user(cast.officer)
    session = client.session
    session.set_expiry(-1)
    session.save()
    assert client.get("/me/").status_code == 302


def test_whoever_was_deactivated_or_chose_another_password_is_out_at_once(cast, as_user):
    client = as_user(cast.officer)
    assert client.get("/me/").status_code == 200
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    assert client.get("/me/").status_code == 302
    client = as_user(cast.director)
    cast.director.set_password("another quiet one")
    cast.director.save()
    assert client.get("/me/").status_code == 302
