"""Whose name an audit line bears, and from where she came."""

from types import SimpleNamespace

import pytest
from django.test import RequestFactory

from accounts.models import User
from audit.context import acting, acting_as, signed
from audit.log import record
from audit.middleware import address_of


def test_an_act_of_the_house_is_not_put_down_to_whoever_happens_to_look(cast):
    with acting_as(cast.district, request_id="r1", address="192.0.2.7"):
        lines = [record("story.told", cast.officer), record("story.told", cast.officer, by=None)]
    assert [(line.actor_name, line.address, line.request_id) for line in lines] == [
        ("吴桐", "192.0.2.7", "r1"),
        ("", "192.0.2.7", "r1"),
    ]


def test_whoever_acts_for_another_stands_in_every_line_beside_her(cast):
    pair = SimpleNamespace(real=cast.admin, represented=cast.manager)
    with acting_as(cast.manager, pair=lambda: pair):
        again = User.objects.get(pk=cast.manager.pk)  # loaded anew somewhere on the way
        acts = [
            record("story.told", cast.officer, **by)
            for by in ({}, {"by": again}, {"by": None}, {"by": cast.city})
        ]
        assert (acting().real, acting().represented) == (cast.admin, cast.manager)
        assert [signed(by) for by in (again, cast.city)] == ["卫管（代 赵敏）", "冯城"]
    both = (cast.admin.pk, "卫管", cast.manager.pk, "赵敏")
    assert [(e.actor_id, e.actor_name, e.on_behalf_id, e.on_behalf_name) for e in acts] == [
        both,
        both,
        (None, "", None, ""),
        (cast.city.pk, "冯城", None, ""),
    ]
    assert (acting().real, acting().represented, signed(cast.city)) == (None, None, "冯城")


@pytest.mark.parametrize(
    ("hops", "forwarded", "seen"),
    [
        (0, "198.51.100.9", "10.0.0.1"),  # nobody in front is trusted
        (1, "203.0.113.5, 198.51.100.9", "198.51.100.9"),  # the first name was typed by the visitor
        (2, "203.0.113.5, 198.51.100.9", "203.0.113.5"),
        (2, "203.0.113.5", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_the_address_is_what_the_trusted_proxies_saw(settings, hops, forwarded, seen):
    settings.PROXY_COUNT = hops
    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR=forwarded, REMOTE_ADDR="10.0.0.1")
    assert address_of(request) == seen


def test_a_balancer_is_answered_by_address_and_without_tls(client, db, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["exam.example.cn"]
    assert client.get("/healthz", HTTP_HOST="10.0.0.7:8000").json() == {"status": "ok"}
