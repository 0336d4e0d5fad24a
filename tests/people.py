"""The cast: two enterprises in two districts, their people, the organs above them, and the bank's staff.

All invented; identifiers pass their check digits.
"""

from dataclasses import dataclass
from datetime import date

from accounts.identifiers import id_check, uscc_check
from accounts.models import Enterprise, Post, PostKind, Role, RoleGrant, Unit, User
from catalog.models import ProductCategory, Region

PASSWORD = "a quiet test password"
APPOINTED = date(2025, 1, 6)


def uscc(serial: int) -> str:
    """An invented credit code that passes its check."""
    first = f"91120111MA{serial:07d}"
    return first + uscc_check(first)


def id_number(serial: int, born="19880312") -> str:
    """An invented ID number that passes its check; region 120000 is given to nobody."""
    first = f"120000{born}{serial:03d}"
    return first + id_check(first)


def phone(serial: int) -> str:
    """An invented phone."""
    return f"1990000{serial:04d}"


@dataclass
class Cast:
    """Everybody by name."""

    ebike: ProductCategory
    gas: ProductCategory
    city_organ: Unit
    xiqing: Unit
    station_organ: Unit
    nankai: Unit
    jinhai: Enterprise  # in Xiqing, makes e-bikes
    hengtong: Enterprise  # in Nankai, sells gas appliances
    officer: User
    director: User
    principal: User
    manager: User
    stranger: User  # officer of the other enterprise
    stranger_manager: User
    station: User
    district: User
    other_district: User
    city: User
    editor: User
    reviewer: User
    admin: User

    def everybody(self):
        """The people who can sign in, by name."""
        return {name: value for name, value in vars(self).items() if isinstance(value, User)}

    def post(self, user):
        """The one post of a person."""
        return user.posts.get()


def make_cast() -> Cast:
    """Put the cast into the database."""
    tianjin = Region.objects.create(code="120000", name="天津市")
    region_xq = Region.objects.create(code="120111", name="西青区", parent=tianjin)
    region_nk = Region.objects.create(code="120104", name="南开区", parent=tianjin)
    ebike = ProductCategory.objects.create(code="1501", name="电动自行车", ccc=True, mandatory_standard=True)
    gas = ProductCategory.objects.create(code="16", name="燃气器具", ccc=True, mandatory_standard=True)
    organ = {"kind": Unit.Kind.ORGAN}
    city_organ = Unit.objects.create(
        code="TJ", name="天津市市场监管委", level="city", region=tianjin, **organ
    )
    xiqing = Unit.objects.create(
        code="TJ-XQ", name="西青区市场监管局", level="district", parent=city_organ, region=region_xq, **organ
    )
    station_organ = Unit.objects.create(
        code="TJ-XQ-01", name="中北镇市场监管所", level="station", parent=xiqing, region=region_xq, **organ
    )
    nankai = Unit.objects.create(
        code="TJ-NK", name="南开区市场监管局", level="district", parent=city_organ, region=region_nk, **organ
    )

    def enterprise(serial, name, parent, category, **flags):
        code = uscc(serial)
        unit = Unit.objects.create(
            kind=Unit.Kind.ENTERPRISE, code=code, name=name, parent=parent, region=parent.region
        )
        made = Enterprise.objects.create(unit=unit, uscc=code, **flags)
        made.categories.add(category)
        return made

    jinhai = enterprise(1, "津海电动车有限公司", station_organ, ebike, produces=True, size="medium")
    hengtong = enterprise(2, "恒通燃气具商行", nankai, gas, sells=True)

    serials = iter(range(1, 100))

    def person(username, name):
        serial = next(serials)
        return User.objects.create_user(
            username,
            PASSWORD,
            name=name,
            phone=phone(serial),
            id_number=id_number(serial),
            email=f"{username}@example.invalid",
        )

    def in_post(user, where, kind):
        post = Post.objects.create(person=user, enterprise=where, kind=kind, appointed_on=APPOINTED)
        post.categories.set(where.categories.all())
        return user

    def granted(user, role, unit):
        RoleGrant.objects.create(user=user, role=role, unit=unit, starts_on=APPOINTED)
        return user

    return Cast(
        ebike=ebike,
        gas=gas,
        city_organ=city_organ,
        xiqing=xiqing,
        station_organ=station_organ,
        nankai=nankai,
        jinhai=jinhai,
        hengtong=hengtong,
        officer=in_post(person("officer", "王雨晨"), jinhai, PostKind.OFFICER),
        director=in_post(person("director", "李䶮"), jinhai, PostKind.DIRECTOR),
        principal=in_post(person("principal", "欧阳海"), jinhai, PostKind.PRINCIPAL),
        manager=granted(person("manager", "赵敏"), Role.MANAGER, jinhai.unit),
        stranger=in_post(person("stranger", "钱一帆"), hengtong, PostKind.OFFICER),
        stranger_manager=granted(person("stranger_manager", "孙立"), Role.MANAGER, hengtong.unit),
        station=granted(person("station", "周正"), Role.REGULATOR, station_organ),
        district=granted(person("district", "吴桐"), Role.REGULATOR, xiqing),
        other_district=granted(person("other_district", "郑南"), Role.REGULATOR, nankai),
        city=granted(person("city", "冯城"), Role.REGULATOR, city_organ),
        editor=granted(person("editor", "陈编"), Role.EDITOR, city_organ),
        reviewer=granted(person("reviewer", "褚审"), Role.REVIEWER, city_organ),
        admin=granted(person("admin", "卫管"), Role.ADMIN, city_organ),
    )  # fmt: skip
