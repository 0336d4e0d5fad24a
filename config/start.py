"""Everything between an installed tree and a house that may open its doors; each step is quick when nothing changed."""

import hashlib
import shlex
import sys
from contextlib import contextmanager

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role, RoleGrant, User
from config.demo.accounts import demo_accounts
from config.words import compile_words
from supervision.actions.standing import enter_shipped_profiles

ONE_AT_A_TIME = 0x7A68696B616F  # the name of our lock in PostgreSQL


def prepare(tell) -> None:
    """Bring words, tables, static files and, where it is wanted, the demo city up to date; `tell` hears what is done."""
    elsewhere, source = settings.LOCALE_PATHS
    if compile_words(source, elsewhere):
        tell(_("编译界面译文"))
    with _alone():
        if is_behind():
            tell(_("更新数据库结构"))
            call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        if settings.DEMO and not User.objects.exists():
            tell(_("载入演示城市（仅首次）"))
            call_command("load_demo", stdout=sys.stderr)
        if enter_shipped_profiles():
            tell(_("载入随系统提供的考核规则"))
        call_command("clearsessions")
    if collect_static():
        tell(_("汇集静态文件"))


@contextmanager
def _alone():
    """Several nodes may start together on one PostgreSQL: one prepares, the others wait."""
    if connection.vendor != "postgresql":
        yield  # a file has one machine, and bin/serve holds its folder's lock
        return
    # A lock belongs to its connection, so this goes past a pooler, see manage.py.
    with connection.cursor() as cursor:
        cursor.execute(
            "SET lock_timeout = 0"
        )  # whatever the role is given for pages, see deploy/postgresql/role.sql
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])


def is_behind() -> bool:
    """Whether the tables lack a migration."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def collect_static() -> bool:
    """Collect, compress and name the static files if one of them changed; tell whether that was so."""
    kept = settings.VAR_DIR / "static.sha256"
    digest = _digest_of_static()
    if kept.exists() and kept.read_text() == digest and staticfiles_storage.exists("staticfiles.json"):
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    kept.write_text(digest)
    return True


def _digest_of_static() -> str:
    total = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in sorted(finder.list(None), key=lambda found: found[0]):
            with storage.open(path) as file:
                total.update(f"\0{path}\0{hashlib.file_digest(file, 'sha256').hexdigest()}".encode())
    return total.hexdigest()


def welcome() -> str:
    """What the operator should know about this house's people: the demo accounts, or how to make the first administrator."""
    accounts = demo_accounts() if settings.DEMO else []
    if accounts:
        head = _("演示账号（demo accounts），口令 password：%(password)s") % {
            "password": settings.DEMO_PASSWORD
        }
        width = max(len(row["username"]) for row in accounts)
        lines = [head, *(f"  {row['username']:<{width}}  {' · '.join(row['labels'])}" for row in accounts)]
        if not settings.SECOND_FACTOR:
            lines += [
                _("演示不强制双重验证，SECOND_FACTOR=1 打开（no second factor is asked for in the demo）。")
            ]
        return "\n".join(lines)
    lines = [_("库中已有自己的人员，没有演示账号。")] if settings.DEMO else []
    if not RoleGrant.objects.current(timezone.localdate()).filter(role=Role.ADMIN).exists():
        lines += [
            _("还没有管理员。先载入目录，再设第一位管理员（no administrator yet; make the first one）："),
            f"  {_manage()} load_catalog fixtures/catalog",
            f"  {_manage()} make_administrator NAME",
        ]
    return "\n".join(lines)


def _manage() -> str:
    """How the commands of this very house are called from a shell."""
    if settings.VAR_DIR == settings.BASE_DIR / "var":
        return "bin/manage"
    return f"VAR_DIR={shlex.quote(str(settings.VAR_DIR))} bin/manage"
