"""What else goes on while two files are one: keys are rotated, somebody acts for somebody, a role was lent."""

import json
from base64 import b64encode
from datetime import date

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actions, vault
from accounts.models import Login, Merge, RoleGrant, User
from accounts.tests.doubles import double, dump, fresh, in_post, merged, undone
from audit.models import AuditEvent
from tests.people import id_number, phone

OLD, NEWER, NEWEST, LAST = (b64encode(letter * 32).decode() for letter in (b"o", b"n", b"m", b"l"))
NUMBERS = ("id_number", "id_hash", "id_mask", "phone", "phone_hash", "phone_mask", "email")
SEALED = ("id_sealed", "phone_sealed")


def lines(*actions):
    found = AuditEvent.objects.filter(action__in=actions).order_by("pk")
    return [(e.action, e.actor_name, e.on_behalf_name, e.target_label) for e in found]


# --- Keys ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def turn(settings):
    """Put another key before those there are, and move everything to it."""
    settings.FIELD_KEYS, settings.FIELD_KEYS_FILE = {"k1": OLD}, None
    vault.derived.cache_clear()

    def turned(name, key):
        settings.FIELD_KEYS = {name: key} | settings.FIELD_KEYS
        call_command("rotate_keys")

    yield turned
    vault.derived.cache_clear()


def numbers_of(*people):
    return [[getattr(fresh(person), name) for name in NUMBERS] for person in people]


def under(*people):
    """The keys under which everything of these people and of all merges lies."""
    sealed = [getattr(fresh(person), column) for person in people for column in SEALED]
    sealed += Merge.objects.values_list("former_sealed", flat=True)
    return {vault.key_of(one) for one in sealed if one}


@pytest.mark.parametrize("turns", [0, 1, 2])
def test_a_merge_is_undone_whole_after_keys_were_rotated(turn, cast, turns):
    kept = double("赵新", username="first", phone=phone(860))
    other = double("赵新", id_number=id_number(861), phone=phone(862), email="zhao@example.invalid")
    in_post(kept, cast.jinhai), in_post(other, cast.jinhai), in_post(other, cast.jinhai, "director")
    before = numbers_of(kept, other)
    done = merged(cast, kept, other)
    for name, key in [("k2", NEWER), ("k3", NEWEST)][:turns]:
        turn(name, key)
        assert under(kept, other) == {name}
        assert numbers_of(kept) == [[*before[1][:3], *before[0][3:6], "zhao@example.invalid"]]
        assert User.objects.by_id_number(id_number(861)) == kept
        assert json.loads(vault.decrypt(Merge.objects.get().former_sealed))["numbers"].keys() == {
            "id",
            "email",
        }
    undone(cast, done)
    assert numbers_of(kept, other) == before
    assert (User.objects.by_id_number(id_number(861)), User.objects.by_phone(phone(862))) == (other, other)
    turn("k4", LAST)
    assert (numbers_of(kept, other), under(kept, other)) == (before, {"k4"})


def test_a_number_changed_after_the_rotation_stays_and_the_sealed_one_goes_back(turn, cast):
    kept, other = double(username="first"), double(phone=phone(863))
    in_post(kept, cast.jinhai), in_post(other, cast.jinhai, "director")
    done = merged(cast, kept, other)
    turn("k2", NEWER)
    now = fresh(kept)
    now.phone = phone(864)
    now.save()
    turn("k3", NEWEST)
    undone(cast, done)
    assert [fresh(one).phone for one in (kept, other)] == [phone(864), phone(863)]
    assert under(kept, other) == {"k3"}


# --- Acting for another -------------------------------------------------------------------------------------------------


def acting(cast, person, by=None):
    client = Client()
    client.force_login(by or cast.admin)
    begun = client.post(reverse("people:act_for", args=[person.pk]), {"reason": "协助核对任职信息"})
    assert begun.status_code == 302
    return client


def test_whoever_is_absorbed_while_she_is_represented_is_represented_no_longer(cast):
    other = double()
    in_post(other, cast.jinhai, "director")
    client = acting(cast, other)
    merged(cast, cast.officer, other)
    answer = client.post(reverse("people:elder"), {"elder": "1"})
    assert (answer.status_code, "此账号已停用" in answer.content.decode()) == (403, True)
    assert list(User.objects.filter(elder=True)) == []
    assert [line[:3] for line in lines("acting.ended")] == [("acting.ended", "卫管", other.name)]
    assert client.get(reverse("people:me")).context["request"].user == cast.admin


def test_whoever_is_kept_goes_on_being_represented_unless_the_merge_lifts_her_out_of_reach(cast):
    other, chief = double(), double("王雨晨", username="chief")
    in_post(other, cast.jinhai, "director"), in_post(chief, cast.jinhai, "principal")
    RoleGrant.objects.create(
        user=chief, role="admin", unit=cast.city_organ, starts_on=date(2026, 1, 1), granted_by=cast.admin
    )
    client = acting(cast, cast.officer)
    merged(cast, cast.officer, other)
    assert client.get(reverse("people:me")).context["request"].user == cast.officer
    merged(cast, cast.officer, chief)
    answer = client.get(reverse("people:me"), follow=True)
    assert "不能代另一位系统管理员操作" in answer.content.decode()
    assert answer.context["request"].user == cast.admin


def test_whoever_is_absorbed_while_she_acts_acts_no_longer_and_the_log_says_so(cast):
    second = double("卫管", username="second-admin")
    in_post(second, cast.jinhai)
    RoleGrant.objects.create(user=second, role="admin", unit=cast.city_organ, starts_on=date(2026, 1, 1))
    client = acting(cast, cast.manager, by=second)
    merged(cast, cast.district, second)
    answer = client.post(reverse("people:elder"), {"elder": "1"})
    assert answer.url.startswith(reverse("account_login"))
    assert (list(User.objects.filter(elder=True)), list(Login.objects.filter(person=second))) == ([], [])
    assert [line[:3] for line in lines("acting.ended")] == [("acting.ended", "卫管", "赵敏")]
    begun, ended = AuditEvent.objects.filter(action__in=["acting.begun", "acting.ended"]).order_by("pk")
    assert ended.data == {"begun": begun.pk, "why": "账号已并入另一人。"}


# --- Roles that were lent -----------------------------------------------------------------------------------------------


def test_what_was_lent_of_a_role_that_a_merge_ends_is_over_and_each_line_says_so(cast):
    other = double("赵敏", username="again")
    own = RoleGrant.objects.create(
        user=other, role="manager", unit=cast.jinhai.unit, starts_on=date(2026, 1, 1)
    )
    today = timezone.localdate()
    lent = actions.delegate(
        own, cast.director, unit=own.unit, first=today, last=today, reason="年休假期间代管", by=other
    )
    before = dump()
    label = f"李䶮 企业管理员 {cast.jinhai.unit}"
    done = merged(cast, cast.manager, other)
    assert list(RoleGrant.objects.current(today).filter(user=cast.director)) == []
    assert lines("grant.delegation_ended") == [("grant.delegation_ended", "卫管", "", label)]
    undone(cast, done)
    assert list(RoleGrant.objects.current(today).filter(user=cast.director)) == [lent]
    assert [line[3] for line in lines("grant.reopened")] == [f"赵敏 企业管理员 {cast.jinhai.unit}", label]
    assert dump() == before
