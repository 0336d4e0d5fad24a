"""Chapter one: the catalog, the organs, the people and what they may do."""

from datetime import date, timedelta

from django.conf import settings

from accounts.actions import delegate, enter_person, grant, import_people, make_administrator
from accounts.actions.privacy import enter_notice
from accounts.models import Acceptance, Role, Unit, User
from accounts.planning import read_sheet
from accounts.queries import find_person
from audit.append import append
from audit.log import record_many
from catalog import actions as catalog
from catalog.models import Region
from catalog.tables import read_table
from config.demo import files

CATALOG = ("regions.csv", "categories.csv", "provisions.csv")

HELD_FOR = 200  # days for which those with roles have held them
UNTOLD = "station"  # the account that has still to be shown the notice


class Unsound(Exception):
    """The demo's own files contradict each other; nothing was loaded."""


def sound(problems):
    """Go on only if an act reported nothing."""
    if problems:
        raise Unsound("\n".join(map(str, problems)))


def load(today):
    """Enter everything that has a name before the first exam."""
    tables = {name: read_table((files.FIXTURES / "catalog" / name).read_bytes(), name) for name in CATALOG}
    sound(catalog.load(tables).problems)
    _organs(today)
    sheet = read_sheet(read_table(files.text("people.csv", today).encode("utf-8"), "people.csv"), today)
    sound(import_people(sheet, known_as="people.csv").problems)
    _staff(today)
    _delegations(today)
    _notice()


def _organs(today):
    regions = Region.objects.in_bulk(field_name="code")
    units = {}
    for row in files.rows("organs.csv", today):
        units[row["code"]] = Unit.objects.create(
            kind=Unit.Kind.ORGAN,
            level=row["level"],
            code=row["code"],
            name=row["name"],
            short_name=row["short_name"],
            parent=units.get(row["parent"]),
            region=regions[row["region"]],
        )
    record_many([("unit.entered", unit, {}) for unit in units.values()])


def _staff(today):
    """Those with roles; every demo account gets the one demo password, hashed once because hashing is made to be slow."""
    admin = None
    for row in files.rows("staff.csv", today):
        person = enter_person(
            name=row["name"],
            id_number=row["id_number"],
            phone=row["phone"],
            email=f"{row['username']}@example.invalid",
            username=row["username"],
            by=admin,
        )
        if row["role"] == Role.ADMIN:
            admin = make_administrator(row["username"], name=row["name"], password=settings.DEMO_PASSWORD)
        else:
            unit = Unit.objects.get(code=row["unit"])
            grant(person, role=row["role"], unit=unit, by=admin, starts_on=today - timedelta(days=HELD_FOR))
    names = [account["username"] for account in files.data("accounts.json")]
    User.objects.filter(username__in=names).update(password=admin.password)


def _delegations(today):
    """Roles lent to colleagues: one lent now, one that is over."""
    people = User.objects.in_bulk(field_name="username")
    for row in files.rows("delegations.csv", today):
        by, first, last = people[row["by"]], date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
        given = by.grants.get()
        unit = Unit.objects.get(code=row["unit"]) if row["unit"] else given.unit
        delegate(
            given,
            find_person(row["to"]),
            unit=unit,
            first=first,
            last=last,
            reason=row["reason"],
            by=by,
            on=first,
        )


def _notice():
    """The notice before processing, known to everybody but one demo account, on which a visitor sees it at the first sign-in."""
    words = {"{issuer}": settings.ISSUER_NAME, "{contact}": "privacy@example.invalid", "{years}": str(settings.NUMBERS_KEPT_YEARS)}  # fmt: skip
    texts = [(files.FIXTURES / "notice" / name).read_text(encoding="utf-8") for name in ("zh.md", "en.md")]
    for gap, word in words.items():
        texts = [text.replace(gap, word) for text in texts]
    notice = enter_notice(*texts)
    append(
        Acceptance(person_id=pk, notice_id=notice.pk)
        for pk in User.objects.exclude(username=UNTOLD).order_by("pk").values_list("pk", flat=True)
    )
