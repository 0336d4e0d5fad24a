"""Keys of personal data: adding one, and moving every sealed value to the newest while the house works."""

import fcntl
import json
import os
import secrets
import time
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace

from allauth.mfa.models import Authenticator
from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Left

from accounts import vault
from audit.log import record
from audit.transitions import Refused

CHUNK = 100  # rows in one transaction: nobody waits longer than for these
IDLE_PASSES = 50  # with 0.2 s between them: how long a row that somebody else holds is waited for
FACTOR_SECRETS = ("secret", "seed")  # of TOTP and of recovery codes, as allauth keeps them in one JSON column
UNREADABLE = (InvalidTag, KeyError, ValueError)


class Key:
    """A key as the log of acts names it: by its id, never by itself."""

    _meta = SimpleNamespace(label_lower="accounts.key")

    def __init__(self, key_id):
        self.pk = key_id

    def __str__(self):
        return self.pk


@dataclass
class Rotation:
    """What became of a rotation."""

    key: str
    moved: int = 0
    left: int = 0  # readable, but not on the newest key
    read: int = 0
    unreadable: list = field(default_factory=list)  # names of rows and columns, never what they hold

    @property
    def is_whole(self):
        """Whether everything lies under the newest key and can be read."""
        return not self.left and not self.unreadable


def sealed_columns():
    """Every column of every table that holds sealed values, by model; such a column is known by the end of its name."""
    found = {}
    for model in apps.get_models():
        if model._meta.managed and not model._meta.proxy:
            names = [f.attname for f in model._meta.concrete_fields if f.attname.endswith("_sealed")]
            if names:
                found[model] = names
    return found


def _not_under(model, columns, key_id):
    """Rows of which some column holds something under another key. Not by `startswith`, which on SQLite minds no capitals."""
    rows, other = model._base_manager.all(), Q(pk__in=())
    for number, column in enumerate(columns):
        rows = rows.alias(**{f"begins_{number}": Left(column, len(key_id) + 1)})
        empty = Q(**{column: ""}) | Q(**{f"{column}__isnull": True})
        other |= ~empty & ~Q(**{f"begins_{number}": f"{key_id}:"})
    return rows.filter(other)


def how_many_left(key_id):
    """How many rows hold something that is not under a key."""
    columns = sum(_not_under(model, names, key_id).count() for model, names in sealed_columns().items())
    return columns + sum(
        any(vault.key_of(one) != key_id for one in held.values()) for _row, held in _factors()
    )


def _factors(rows=None):
    """Second factors with the secrets that lie sealed in their data: [(row, {name: sealed}), …]."""
    rows = Authenticator.objects.order_by("pk") if rows is None else rows
    for row in rows.iterator(2000):
        held = {name: row.data[name] for name in FACTOR_SECRETS if row.data.get(name)}
        if held:
            yield row, held


def add_key():
    """Put a new key before the others in the file, and give its id; the file keeps its owner and is never half written."""
    path = settings.FIELD_KEYS_FILE
    if path is None:
        raise Refused(
            "密钥由环境变量 FIELD_KEYS 给出：请停止各节点，在 FIELD_KEYS 最前面加入新密钥（旧密钥保留，顺序不变），"
            "启动后运行不带 --new 的 rotate_keys。"
        )
    if settings.WEB_NODES > 1:
        raise Refused("多个节点时，密钥须由各节点相同的环境变量 FIELD_KEYS 给出，不能只改一台机器上的文件。")
    with _alone(path.parent):
        keys = vault.keyring()
        newest = next(iter(keys))
        if left := how_many_left(newest):
            raise Refused(
                f"还有 {left} 行没有换到密钥 {newest}：上一次轮换没有做完，请先运行不带 --new 的 rotate_keys。"
            )
        number = len(keys) + 1
        while f"k{number}" in keys:
            number += 1
        made = {f"k{number}": b64encode(secrets.token_bytes(32)).decode()}
        _replace(path, json.dumps(made | keys))
    record("keys.added", Key(f"k{number}"), by=None)
    return f"k{number}"


@contextmanager
def _alone(folder):
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
        os.fsync(handle)
    finally:
        os.close(handle)


def _replace(path, text):
    before = path.stat()
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(draft, before.st_mode & 0o777)
    if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(draft, before.st_uid, before.st_gid)  # else a rotation by root would shut the service out
    os.replace(draft, path)


def rotate(tell=lambda moved: None):
    """Move every sealed value to the newest key and look whether all can be read; safe to repeat, and to kill at any moment.

    It goes by what it finds, so there is nothing to resume: rows under another key are what is left to do.
    """
    outcome = Rotation(next(iter(vault.keyring())))
    record("keys.rotation_began", Key(outcome.key), by=None, left=how_many_left(outcome.key))
    for model, names in sealed_columns().items():
        _move_all(model, names, outcome, tell)
    _move_factors(outcome)
    _read_all(outcome)
    outcome.left = max(how_many_left(outcome.key) - len({name for name, _ in outcome.unreadable}), 0)
    record(
        "keys.rotated",
        Key(outcome.key),
        by=None,
        moved=outcome.moved,
        left=outcome.left,
        read=outcome.read,
        unreadable=len(outcome.unreadable),
    )
    return outcome


def _move_all(model, names, outcome, tell):
    """Pass after pass until nothing is left that could be moved; what somebody else holds comes in a later pass."""
    idle = 0
    while idle < IDLE_PASSES:
        last, moved, broken = None, 0, 0
        while True:
            done = _move_chunk(model, names, outcome.key, last)
            if done is None:
                break
            last, some, bad = done
            moved, broken = moved + some, broken + bad
            outcome.moved += some
            tell(outcome.moved)
        if _not_under(model, names, outcome.key).count() <= broken:
            return
        idle = 0 if moved else idle + 1
        time.sleep(0 if moved else 0.2)


@transaction.atomic
def _move_chunk(model, names, key_id, after):
    """Move the next rows after a key; gives (last key, moved, unreadable), or None behind the end.

    Rows that somebody holds are skipped instead of waited for, so a rotation can be part of no deadlock; a value is replaced
    only if it is still the one that was read.
    """
    rows = _not_under(model, names, key_id).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    found = list(rows.values_list("pk", *names)[:CHUNK])
    if not found:
        return None
    moved = broken = 0
    for pk, *values in found:
        before = dict(zip(names, values, strict=True))
        try:
            after_ = {
                name: vault.encrypt(vault.decrypt(sealed), under=key_id)
                for name, sealed in before.items()
                if sealed and vault.key_of(sealed) != key_id
            }
        except UNREADABLE:
            broken += 1
            continue
        moved += model._base_manager.filter(pk=pk, **before).update(**after_)
    return found[-1][0], moved, broken


def _move_factors(outcome):
    """Move the secrets of second factors one by one: there are few, and only their owners change them."""
    for pk in [row.pk for row, _held in _factors()]:
        with transaction.atomic():
            for row, held in _factors(Authenticator.objects.select_for_update().filter(pk=pk)):
                old = {name: one for name, one in held.items() if vault.key_of(one) != outcome.key}
                try:
                    row.data |= {
                        name: vault.encrypt(vault.decrypt(one), under=outcome.key)
                        for name, one in old.items()
                    }
                except UNREADABLE:
                    continue
                if old:
                    row.save(update_fields=["data"])
                    outcome.moved += 1


def _read_all(outcome):
    """Read every sealed value there is, and note those that cannot be read."""
    for row, held in _factors():
        for name, sealed in held.items():
            try:
                outcome.read += bool(vault.decrypt(sealed))
            except UNREADABLE:
                outcome.unreadable.append((f"mfa.authenticator:{row.pk}", name))
    for model, names in sealed_columns().items():
        for pk, *values in model._base_manager.order_by("pk").values_list("pk", *names).iterator(2000):
            for name, sealed in zip(names, values, strict=True):
                try:
                    outcome.read += bool(vault.decrypt(sealed or ""))
                except UNREADABLE:
                    outcome.unreadable.append((f"{model._meta.label_lower}:{pk}", name))
