"""Foolish settings are told at the start; sensible ones are not."""

import os
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings

from config import checks

KEY = b64encode(bytes(range(32))).decode()
SQLITE = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/srv/zhikao/zhikao.sqlite3"}}
POSTGRES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "zhikao"}}
LOCAL = ["127.0.0.1", "localhost", "[::1]"]
PUBLIC = ["exam.example.cn"]
CHECKS = (
    checks.debugging_in_public,
    checks.weak_secret,
    checks.keys_for_personal_data,
    checks.address_for_strangers,
    checks.several_nodes,
    checks.visitors_behind_a_proxy,
    checks.database_on_the_wire,
    checks.demo_in_public,
    checks.a_pooler_without_a_way_past_it,
    checks.office_by_password_alone,
    checks.short_messages,
)


def house(**given):
    """A house that is well set up for the public, but for what is given."""
    sensible = {
        "DEBUG": False,
        "ALLOWED_HOSTS": PUBLIC,
        "SECRET_KEY": "W3fR0qk5vKcJ8mYxT1nZbLhD7sPgUaE2iO4w",
        "FIELD_KEYS": {"k1": KEY},
        "BASE_URL": "https://exam.example.cn",
        "BEHIND_TLS": True,
        "PROXY_COUNT": 1,
        "WEB_NODES": 1,
        "REDIS_URL": "",
        "DATABASES": POSTGRES,
        "BEHIND_POOLER": False,
        "DIRECT_DATABASE_URL": "",
        "DEMO": False,
        "SECOND_FACTOR": True,
        "DEMO_PASSWORD": checks.PUBLIC_DEMO_PASSWORD,
        "SMS_ADAPTER": "http",
        "SMS_FILE": "/srv/zhikao/sms.log",
        "SMS_URL": "https://sms.example.cn/send",
        "SMS_KEY_ID": "k1",
        "SMS_SECRET": "Zq8mYxT1nZbLhD7sPgUaE2iO4wW3fR0qk5vKcJ",
    }
    return SimpleNamespace(**(sensible | given))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, []),
        ({"DEBUG": True}, ["config.E001"]),
        ({"BEHIND_POOLER": True}, ["config.E008"]),
        ({"BEHIND_POOLER": True, "DIRECT_DATABASE_URL": "postgres://zhikao@db/zhikao"}, []),
        ({"DEBUG": True, "ALLOWED_HOSTS": ["*"]}, ["config.E001"]),
        ({"DEBUG": True, "ALLOWED_HOSTS": LOCAL}, []),
        ({"SECRET_KEY": "short"}, ["config.E002"]),
        ({"SECRET_KEY": "a" * 64}, ["config.E002"]),
        ({"FIELD_KEYS": {}}, ["config.E003"]),
        ({"FIELD_KEYS": {"k1": KEY, "k0": KEY}}, []),
        ({"FIELD_KEYS": {"k1": b64encode(bytes(16)).decode()}}, ["config.E003"]),
        ({"FIELD_KEYS": {"k1": KEY, "k0": "not base64!"}}, ["config.E003"]),
        ({"FIELD_KEYS": {"k1": 7}}, ["config.E003"]),
        ({"BASE_URL": "exam.example.cn"}, ["config.E004"]),
        ({"BASE_URL": "ftp://exam.example.cn"}, ["config.E004"]),
        ({"BASE_URL": "http://exam.example.cn"}, ["config.E005"]),
        ({"BASE_URL": "http://exam.example.cn", "BEHIND_TLS": False}, []),
        ({"BASE_URL": "https://127.0.0.1:8000"}, ["config.W001"]),
        ({"BASE_URL": "http://localhost:8000"}, ["config.E005", "config.W001"]),
        ({"BASE_URL": "http://127.0.0.1:8000", "BEHIND_TLS": False, "ALLOWED_HOSTS": LOCAL}, []),
        ({"WEB_NODES": 2, "DATABASES": SQLITE}, ["config.E006"]),
        ({"WEB_NODES": 2}, []),
        ({"PROXY_COUNT": 0}, ["config.W002"]),
        ({"PROXY_COUNT": 0, "BEHIND_TLS": False, "BASE_URL": "http://exam.example.cn"}, []),
        ({"DEMO": True}, ["config.W004"]),
        ({"DEMO": True, "DEMO_PASSWORD": "another long password"}, []),
        ({"DEMO": True, "ALLOWED_HOSTS": LOCAL}, []),
        ({"SECOND_FACTOR": False}, ["config.W005"]),
        ({"SECOND_FACTOR": False, "DEMO": True, "DEMO_PASSWORD": "another long password"}, []),
        ({"SMS_ADAPTER": "file"}, ["config.W010"]),
        ({"SMS_ADAPTER": "file", "DEMO": True, "ALLOWED_HOSTS": LOCAL}, []),
        ({"SMS_ADAPTER": "city.sms.send", "SMS_URL": ""}, []),
        ({"SMS_URL": ""}, ["config.E010"]),
        ({"SMS_URL": "http://sms.example.cn/send"}, ["config.E010"]),
        ({"SMS_URL": "http://127.0.0.1:9000/send"}, []),
        ({"SMS_KEY_ID": ""}, ["config.E010"]),
        ({"SMS_SECRET": "short"}, ["config.E010"]),
    ],
)
def test_a_foolish_setting_is_told_and_a_sensible_one_is_not(given, told):
    problems = [problem for check in CHECKS for problem in check(house=house(**given))]
    assert sorted(problem.id for problem in problems) == told
    assert all(str(problem.msg) and str(problem.hint) for problem in problems)


MOUNTS = """\
overlay / overlay rw,relatime 0 0
tmpfs /dev/shm tmpfs rw 0 0
/dev/vdb /srv ext4 rw 0 0
server:/exports/exams /srv/shared nfs4 rw,vers=4.2 0 0
//server/share /srv/with\\040space cifs rw 0 0
host0 /srv/9 9p rw 0 0
sshfs /srv/ssh fuse.sshfs rw 0 0
fuse-overlayfs /srv/own fuse.fuse-overlayfs rw 0 0
/dev/vdc /srv/shared/disk xfs rw 0 0
/dev/vdd /srv/数据 nfs rw 0 0
broken
"""


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/var/lib/zhikao.sqlite3", []),
        ("/srv/zhikao.sqlite3", []),
        ("/srv/shared/zhikao.sqlite3", ["config.E007"]),
        ("/srv/shared/disk/zhikao.sqlite3", []),
        ("/srv/sharedelse/zhikao.sqlite3", []),
        ("/srv/with space/zhikao.sqlite3", ["config.E007"]),
        ("/srv/9/zhikao.sqlite3", ["config.E007"]),
        ("/srv/ssh/zhikao.sqlite3", ["config.E007"]),
        ("/srv/own/zhikao.sqlite3", []),
        ("/srv/数据/zhikao.sqlite3", ["config.E007"]),
    ],
)
def test_sqlite_is_refused_on_what_comes_over_a_wire(path, told):
    databases = {"default": SQLITE["default"] | {"NAME": path}}
    problems = checks.database_on_the_wire(house=house(DATABASES=databases), mounts=MOUNTS)
    assert [problem.id for problem in problems] == told


@pytest.mark.parametrize(
    ("mounts", "told"),
    [("none / 9p rw 0 0\n", ["config.W003"]), ("", []), ("none / 9p rw 0 0\n/dev/vda / ext4 rw 0 0\n", [])],
)
def test_a_sandbox_whose_whole_disk_looks_remote_is_only_warned(mounts, told):
    problems = checks.database_on_the_wire(house=house(DATABASES=SQLITE), mounts=mounts)
    assert [problem.id for problem in problems] == told


def test_postgresql_may_lie_wherever_it_likes():
    assert checks.database_on_the_wire(house=house(), mounts="server:/ / nfs rw 0 0\n") == []


def test_the_checks_are_hung_up_and_this_house_passes_them():
    from django.core.checks import registry, run_checks

    assert set(CHECKS) <= set(registry.registry.get_checks())
    assert [problem for problem in run_checks() if problem.id.startswith("config.")] == []


def test_the_public_password_is_the_default_one():
    source = (Path(settings.BASE_DIR) / "config" / "settings.py").read_text(encoding="utf-8")
    assert f'default="{checks.PUBLIC_DEMO_PASSWORD}"' in source


@pytest.mark.parametrize("profile", ["one-machine", "node"])
def test_the_profiles_for_the_public_pass_every_check_of_a_deployment(profile, tmp_path):
    """As an operator runs it, with what the profiles leave to her second file: keys, and a gateway for short messages."""
    lines = (settings.BASE_DIR / "deploy" / "env" / f"{profile}.env").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    secrets = {"SMS_ADAPTER": "http", "SMS_URL": "https://sms.example.cn/send", "SMS_KEY_ID": "k1"}
    secrets |= {"SMS_SECRET": "Zq8mYxT1nZbLhD7sPgUaE2iO4wW3fR0qk5vKcJ", "VAR_DIR": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], **given, **secrets},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert told.returncode == 0, told.stderr
