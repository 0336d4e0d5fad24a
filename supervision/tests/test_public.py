"""What strangers and enterprises see of a draw: keys, digests and times; no name, no number of a person, and nothing early."""

import json
import re

from django.test import Client
from django.urls import reverse

from accounts.models import Enterprise, User
from supervision.actions import draws
from supervision.queries import draws as queries
from supervision.tests import stories


def pages(draw):
    """Everything public there is about a draw, as text."""
    stranger = Client()
    found = {"public_draws": stranger.get(reverse("supervision:public_draws"))}
    for name in ("public_draw", "public_frame", "public_dossier"):
        found[name] = stranger.get(reverse(f"supervision:{name}", args=[draw.code]))
    return {name: answer.content.decode() for name, answer in found.items() if answer.status_code == 200}


def personal():
    """Whatever tells a person or an enterprise."""
    words = set(Enterprise.objects.values_list("unit__name", flat=True))
    words |= set(Enterprise.objects.values_list("uscc", flat=True))
    for person in User.objects.all():
        words |= {
            person.name,
            person.phone,
            person.id_number,
            person.id_mask,
            person.phone_mask,
            person.email,
        }
    return {word for word in words if len(word) > 1}


def test_no_public_page_or_file_names_anybody(cast):
    stories.crowd(cast, 8)
    stories.inspectors(cast)
    draw = stories.drawn(cast, reserves=2)
    draws.replace(queries.listed(draw)[0], by=cast.district, why="王雨晨住院，由后备替补")
    shown = pages(draw)
    assert set(shown) == {"public_draws", "public_draw", "public_frame", "public_dossier"}
    words = personal()
    assert len(words) > 50
    assert {(name, word) for name, text in shown.items() for word in words if word in text} == set()
    assert not any(re.search(r"\b1[3-9]\d{9}\b", text) for text in shown.values())
    draws.void(draw, by=cast.city, why="公开数录入错误")
    assert "公开数录入错误" in pages(draw)["public_draw"]


def test_before_the_draw_nothing_secret_is_shown(cast):
    stories.inspectors(cast)
    draw = stories.frozen(cast)
    from accounts import vault

    kept = [vault.decrypt(draw.kept.secret_sealed), vault.decrypt(draw.kept.salt_sealed)]
    shown = pages(draw)
    assert set(shown) == {"public_draws", "public_draw", "public_frame"}
    assert not any(word in text for word in kept for text in shown.values())
    assert draw.commitment in shown["public_draw"]
    draws.reveal(draw, by=cast.district, public=stories.NUMBERS)
    shown = pages(draw)
    assert kept[0] in shown["public_draw"] and not any(kept[1] in text for text in shown.values())
    assert json.loads(shown["public_dossier"])["frozen"] == shown["public_frame"]


def test_enterprises_and_their_people_see_nothing_before_they_are_registered(cast, as_user):
    stories.inspectors(cast)
    check = stories.drawn(cast).check_of
    for user in (cast.manager, cast.officer, cast.director):
        for address in ("/", reverse("exams:mine")):
            assert check.name not in as_user(user).get(address).content.decode()
        assert as_user(user).get(reverse("supervision:check", args=[check.code])).status_code == 403
    assert check.name not in as_user(cast.manager).get(reverse("exams:sessions")).content.decode()
