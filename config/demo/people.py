"""Chapter one: the catalog, the organs, the people and what they may do."""

from django.conf import settings

from accounts.actions import enter_person, grant, import_people, make_administrator
from accounts.models import Role, Unit, User
from accounts.planning import read_sheet
from audit.log import record_many
from catalog import actions as catalog
from catalog.models import Region
from catalog.tables import read_table
from config.demo import files

CATALOG = ("regions.csv", "categories.csv", "provisions.csv")


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
    sound(import_people(sheet).problems)
    _staff(today)


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
            grant(person, role=row["role"], unit=Unit.objects.get(code=row["unit"]), by=admin)
    names = [account["username"] for account in files.data("accounts.json")]
    User.objects.filter(username__in=names).update(password=admin.password)
