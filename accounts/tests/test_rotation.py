"""Keys are rotated while the house works, may be killed on the way, and nothing becomes unreadable."""

import json
import os
import signal
from base64 import b64encode
from collections import Counter

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts import vault
from accounts.actions import keys
from accounts.models import User
from audit.models import AuditEvent
from operations.tests.houses import House
from tests.people import id_number

MANY = int(os.environ.get("ROTATED_PEOPLE", 2000))
OLD = b64encode(b"o" * 32).decode()
NEW = b64encode(b"n" * 32).decode()
RING = json.dumps({"k2": NEW, "k1": OLD})

FILL = f"""
from accounts.models import User
from tests.people import id_number
made = []
for n in range({MANY}):
    one = User(username=f"p{{n}}", name=f"人{{n}}", password="!")
    one.phone = f"199{{n:08d}}"
    one.id_number = id_number(n % 1000, born=str(19600101 + n // 1000))
    made.append(one)
User.objects.bulk_create(made)
"""
LOOK = """
from accounts.models import User
people = list(User.objects.order_by("pk"))
assert all(p.phone == f"199{n:08d}" for n, p in enumerate(people)), "phones"
assert all(len(p.id_number) == 18 for p in people), "numbers"
assert User.objects.by_phone("19900000007").username == "p7"
print("all read", len(people))
"""


@pytest.fixture
def ring(settings):
    settings.FIELD_KEYS, settings.FIELD_KEYS_FILE = {"k1": OLD}, None
    vault.derived.cache_clear()

    def add():
        settings.FIELD_KEYS = {"k2": NEW, "k1": OLD}

    yield add
    vault.derived.cache_clear()


def said(*arguments):
    """What the command says when all is well."""
    from io import StringIO

    told = StringIO()
    call_command("rotate_keys", *arguments, stdout=told, stderr=StringIO())
    return told.getvalue()


def acts():
    return [
        (e.action, e.target, e.data)
        for e in AuditEvent.objects.filter(action__startswith="keys.").order_by("pk")
    ]


def under():
    return Counter(
        vault.key_of(one)
        for pair in User.objects.values_list("phone_sealed", "id_sealed")
        for one in pair
        if one
    )


def test_everything_moves_to_the_newest_key_and_is_found_as_before(ring, cast):
    people = len(cast.everybody())
    assert under() == {"k1": 2 * people}
    ring()
    assert f"{people} 行；全部 {2 * people} 个加密值可读" in said()
    assert under() == {"k2": 2 * people}
    assert User.objects.by_id_number(id_number(1)) == cast.officer
    assert User.objects.get(pk=cast.officer.pk).id_number == id_number(1)
    counts = {"moved": people, "left": 0, "read": 2 * people, "unreadable": 0}
    expected = [("keys.rotation_began", "accounts.key:k2", {"left": people}), ("keys.rotated", "accounts.key:k2", counts)]  # fmt: skip
    assert acts() == expected
    assert "换到密钥 k2：0 行" in said()  # the second call changes nothing


def test_a_phone_that_changes_meanwhile_stays_as_it_was_changed(ring, cast, monkeypatch):
    ring()
    true_encrypt, once = vault.encrypt, []

    def meanwhile(text, under=""):
        if under and not once:  # between the reading and the writing of the first row
            once.append(text)
            one = User.objects.get(pk=User.objects.order_by("pk").values("pk")[:1])
            one.phone = "19900009999"
            one.save(update_fields=["phone_sealed", "phone_hash", "phone_mask"])
        return true_encrypt(text, under)

    monkeypatch.setattr(vault, "encrypt", meanwhile)
    said()
    first = User.objects.order_by("pk").first()
    assert (first.phone, once != []) == ("19900009999", True)
    assert set(under()) == {"k2"}


def test_what_cannot_be_read_is_named_by_its_row_and_stays_as_it_is(ring, cast):
    ring()
    User.objects.filter(pk=cast.officer.pk).update(phone_sealed="k1:AAAA")
    User.objects.filter(pk=cast.manager.pk).update(id_sealed="k9:AAAA")
    with pytest.raises(CommandError, match="2 个加密值不可读"):
        said()
    assert acts()[-1][2] == {"moved": 11, "left": 0, "read": 24, "unreadable": 2}
    assert User.objects.get(pk=cast.officer.pk).phone_sealed == "k1:AAAA"


def test_every_sealed_column_is_known(cast):
    assert (User, ["phone_sealed", "id_sealed"]) in keys.sealed_columns().items()


def test_a_key_in_the_environment_is_not_added_by_the_command(ring, cast):
    with pytest.raises(CommandError, match="FIELD_KEYS 最前面加入新密钥"):
        said("--new")


def test_one_machine_of_several_adds_none_either(ring, cast, settings, tmp_path):
    settings.FIELD_KEYS_FILE, settings.WEB_NODES = tmp_path / "field_keys.json", 2
    with pytest.raises(CommandError, match="多个节点"):
        said("--new")


def test_a_new_key_goes_into_the_file_and_running_processes_learn_it(ring, cast, settings, tmp_path):
    path = settings.FIELD_KEYS_FILE = tmp_path / "field_keys.json"
    path.write_text(json.dumps({"k1": OLD}))
    path.chmod(0o640)
    told = said("--new")
    assert "k2" in told and "重启各进程" in told
    assert list(json.loads(path.read_text())) == ["k2", "k1"]
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in tmp_path.iterdir()] == ["field_keys.json"]
    # This process still has the settings of its start: it reads the new, and writes under the old until it starts again.
    assert settings.FIELD_KEYS == {"k1": OLD} and set(under()) == {"k2"}
    assert User.objects.get(pk=cast.officer.pk).id_number == id_number(1)
    cast.officer.phone = "19900009998"
    cast.officer.save()
    assert set(under()) == {"k1", "k2"}
    with pytest.raises(CommandError, match="还有 1 行没有换到密钥 k2"):
        said("--new")
    assert "k2：1 行" in said() and set(under()) == {"k2"}


@pytest.mark.django_db(transaction=True)
def test_killed_twice_it_ends_with_everything_on_the_new_key(tmp_path):
    house = House(tmp_path)
    try:
        house.run("-c", FILL, FIELD_KEYS=json.dumps({"k1": OLD}))
        left = [MANY]
        for _kill in range(2):
            running = house.begin("rotate_keys", FIELD_KEYS=RING)
            assert running.stdout.readline().startswith("已换 ")
            running.send_signal(signal.SIGKILL)
            running.communicate(timeout=300)
            assert running.returncode == -signal.SIGKILL
            [(count,)] = house.rows("SELECT COUNT(*) FROM accounts_user WHERE phone_sealed LIKE 'k1:%'")
            left.append(count)
        assert left == sorted(set(left), reverse=True) and left[-1] > 0  # each came further, none to the end
        code, told = house.run("rotate_keys", FIELD_KEYS=RING)
        assert (code, f"全部 {2 * MANY} 个加密值可读" in told) == (0, True), told
        old = "SELECT COUNT(*) FROM accounts_user WHERE phone_sealed NOT LIKE 'k2:%' OR id_sealed NOT LIKE 'k2:%'"
        assert house.rows(old) == [(0,)]
        assert house.run("-c", LOOK, FIELD_KEYS=RING) == (0, f"all read {MANY}\n")
        assert house.rows("SELECT COUNT(*) FROM audit_auditevent WHERE action = 'keys.rotation_began'") == [
            (3,)
        ]
        assert house.rows("SELECT COUNT(*) FROM audit_auditevent WHERE action = 'keys.rotated'") == [(1,)]
    finally:
        house.close()


def test_the_secret_of_a_second_factor_is_moved_too(ring, cast):
    secret = generate_totp_secret()
    TOTP.activate(cast.admin, secret)
    ring()
    assert keys.how_many_left("k2") > 0
    assert "可读" in said()
    factor = Authenticator.objects.get(user=cast.admin, type="totp")
    assert vault.key_of(factor.data["secret"]) == "k2"
    assert vault.decrypt(factor.data["secret"]) == secret
    assert keys.how_many_left("k2") == 0
    assert said()  # once more changes nothing
