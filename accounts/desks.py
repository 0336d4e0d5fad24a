"""Which desks a person has, and which places of the site each desk leads to."""

from dataclasses import dataclass
from functools import cache

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Role

REGULATOR, MANAGER, EDITOR, ADMIN, OFFICER = "regulator", "manager", "editor", "admin", "officer"

LABELS = {
    REGULATOR: _("监管工作台"),
    MANAGER: _("企业管理工作台"),
    EDITOR: _("题库工作台"),
    ADMIN: _("系统管理工作台"),
    OFFICER: _("学习与考试"),
}
ORDER = tuple(LABELS)
DESK_OF_ROLE = {
    Role.REGULATOR: REGULATOR,
    Role.MANAGER: MANAGER,
    Role.EDITOR: EDITOR,
    Role.REVIEWER: EDITOR,
    Role.ADMIN: ADMIN,
}


@dataclass(frozen=True)
class Desk:
    """A way to work here: what as, and for which unit."""

    code: str
    unit_id: int | None = None
    unit_name: str = ""
    label: str | Promise = ""

    @property
    def value(self) -> str:
        """How a form names it."""
        return f"{self.code}:{self.unit_id or ''}"


@dataclass(frozen=True)
class Entry:
    """One place in the navigation of a desk."""

    desk: str
    group: str | Promise
    label: str | Promise
    name: str
    icon: str
    needs: frozenset = frozenset()  # roles, or `WHOLE`, of which one is needed besides the desk


WORK, PLACES, EXAMS, SYSTEM = "", _("主体"), _("考试"), _("系统")
CHECKS = _("抽查考核")
WRITES = frozenset({Role.EDITOR, Role.REVIEWER})
WHOLE = "whole"  # held beside her roles by who administers the whole tree

ENTRIES = (
    Entry(OFFICER, WORK, _("学习"), "dashboards:home", "book"),
    Entry(OFFICER, WORK, _("考试"), "exams:mine", "pencil-square"),
    Entry(OFFICER, WORK, _("证书"), "certificates:wallet", "award"),
    Entry(OFFICER, WORK, _("我的"), "people:me", "person"),
    Entry(MANAGER, WORK, _("总览"), "dashboards:home", "house"),
    Entry(MANAGER, PLACES, _("人员"), "people:people", "people"),
    Entry(MANAGER, PLACES, _("本企业"), "people:enterprises", "building"),
    Entry(MANAGER, PLACES, _("岗位预警"), "people:alerts", "bell"),
    Entry(MANAGER, EXAMS, _("培训进度"), "courses:team", "mortarboard"),
    Entry(MANAGER, EXAMS, _("培训档案"), "courses:files", "folder2-open"),
    Entry(MANAGER, EXAMS, _("培训计划"), "courses:plans", "calendar-check"),
    Entry(MANAGER, EXAMS, _("岗位学习路径"), "courses:paths", "list-check"),
    Entry(MANAGER, EXAMS, _("课堂"), "courses:classes", "calendar-event"),
    Entry(MANAGER, EXAMS, _("外部培训"), "courses:outside_list", "paperclip"),
    Entry(MANAGER, EXAMS, _("年度学时"), "courses:shortfalls", "clock-history"),
    Entry(MANAGER, EXAMS, _("抽查整改"), "supervision:rectifications", "clipboard-check"),
    Entry(MANAGER, EXAMS, _("考试场次"), "exams:sessions", "calendar-check"),
    Entry(MANAGER, EXAMS, pgettext_lazy("复数", "考试成绩"), "exams:attempts", "card-checklist"),
    Entry(MANAGER, EXAMS, _("抽查记录表"), "supervision:my_minutes", "clipboard-check"),
    Entry(MANAGER, EXAMS, _("证书"), "certificates:certificates", "award"),
    Entry(MANAGER, SYSTEM, _("导入"), "people:import", "upload"),
    Entry(MANAGER, SYSTEM, _("我的"), "people:me", "person"),
    Entry(REGULATOR, WORK, _("总览"), "dashboards:home", "house"),
    Entry(REGULATOR, PLACES, pgettext_lazy("复数", "企业"), "people:enterprises", "buildings"),
    Entry(REGULATOR, PLACES, _("质量安全人员"), "people:people", "people"),
    Entry(REGULATOR, PLACES, _("岗位预警"), "people:alerts", "bell"),
    Entry(REGULATOR, PLACES, _("证书"), "certificates:certificates", "award"),
    Entry(REGULATOR, CHECKS, _("抽查考核"), "supervision:checks", "shuffle"),
    Entry(REGULATOR, CHECKS, _("抽查整改"), "supervision:rectifications", "clipboard-check"),
    Entry(REGULATOR, CHECKS, _("逾期事项"), "supervision:overdue", "hourglass-split"),
    Entry(REGULATOR, CHECKS, _("覆盖台账"), "supervision:coverage", "bar-chart"),
    Entry(REGULATOR, CHECKS, _("利害关系"), "supervision:interests", "slash-circle"),
    Entry(REGULATOR, CHECKS, _("考核规则"), "supervision:profiles", "sliders"),
    Entry(REGULATOR, CHECKS, _("抽查记录表"), "supervision:my_minutes", "clipboard-check"),
    Entry(REGULATOR, EXAMS, _("题库"), "exams:banks", "collection", WRITES),
    Entry(REGULATOR, EXAMS, _("组卷蓝图"), "exams:blueprints", "grid-3x3-gap"),
    Entry(REGULATOR, EXAMS, _("考试场次"), "exams:sessions", "calendar-check"),
    Entry(REGULATOR, EXAMS, pgettext_lazy("复数", "考试成绩"), "exams:attempts", "card-checklist"),
    Entry(REGULATOR, EXAMS, _("培训进度"), "courses:team", "mortarboard"),
    Entry(REGULATOR, EXAMS, _("培训档案"), "courses:files", "folder2-open"),
    Entry(REGULATOR, EXAMS, _("培训学时"), "courses:hours", "clock-history"),
    Entry(REGULATOR, EXAMS, _("培训计划"), "courses:plans", "calendar-check"),
    Entry(REGULATOR, EXAMS, _("课堂"), "courses:classes", "calendar-event"),
    Entry(REGULATOR, EXAMS, _("外部培训"), "courses:outside_list", "paperclip"),
    Entry(REGULATOR, EXAMS, _("年度学时"), "courses:shortfalls", "clock-history"),
    Entry(REGULATOR, SYSTEM, _("导入"), "people:import", "upload"),
    Entry(REGULATOR, SYSTEM, _("我的"), "people:me", "person"),
    Entry(REGULATOR, PLACES, _("疑似重复人员"), "people:duplicates", "people-fill"),
    Entry(EDITOR, WORK, _("待办"), "dashboards:home", "list-check"),
    Entry(EDITOR, EXAMS, _("题库"), "exams:banks", "collection"),
    Entry(EDITOR, EXAMS, _("组卷蓝图"), "exams:blueprints", "grid-3x3-gap"),
    Entry(EDITOR, EXAMS, _("课程"), "courses:desk", "mortarboard", frozenset({Role.EDITOR})),
    Entry(EDITOR, EXAMS, _("课堂"), "courses:classes", "calendar-event", frozenset({Role.EDITOR})),
    Entry(EDITOR, SYSTEM, _("我的"), "people:me", "person"),
    Entry(ADMIN, WORK, _("总览"), "dashboards:home", "house"),
    Entry(ADMIN, PLACES, pgettext_lazy("复数", "企业"), "people:enterprises", "buildings"),
    Entry(ADMIN, PLACES, _("人员"), "people:people", "people"),
    Entry(ADMIN, SYSTEM, _("授权"), "people:grants", "key"),
    Entry(ADMIN, SYSTEM, _("接口令牌"), "people:tokens", "diagram-3"),
    Entry(ADMIN, SYSTEM, _("导入"), "people:import", "upload"),
    Entry(ADMIN, SYSTEM, _("疑似重复人员"), "people:duplicates", "people-fill"),
    Entry(ADMIN, SYSTEM, _("运行状况"), "dashboards:operations", "graph-up"),
    Entry(ADMIN, SYSTEM, _("操作日志"), "dashboards:acts", "journal-text", frozenset({WHOLE})),
    Entry(ADMIN, SYSTEM, _("消息台账"), "messaging:ledger", "envelope"),
    Entry(ADMIN, SYSTEM, _("数据保全"), "people:holds", "archive"),
    Entry(ADMIN, SYSTEM, _("我的"), "people:me", "person"),
    # last, because the bar of a phone shows the first four
    Entry(ADMIN, EXAMS, _("考试场次"), "exams:sessions", "calendar-check"),
    Entry(ADMIN, EXAMS, pgettext_lazy("复数", "考试成绩"), "exams:attempts", "card-checklist"),
    Entry(ADMIN, EXAMS, _("证书"), "certificates:certificates", "award"),
    Entry(ADMIN, EXAMS, _("年度学时"), "courses:shortfalls", "clock-history"),
    Entry(ADMIN, EXAMS, _("学时规则"), "courses:hour_rules", "sliders"),
)


def desks(grants, posts) -> list[Desk]:
    """The desks that grants and posts open, in their order; whoever holds neither keeps her own file."""
    found = {}
    for held in grants:
        code = DESK_OF_ROLE[held.role]
        found.setdefault((code, held.unit_id), Desk(code, held.unit_id, held.unit_name, LABELS[code]))
    kinds = {}
    for post in posts:
        kinds.setdefault(post.enterprise_id, []).append(post)
    for held in kinds.values():
        unit = held[0].enterprise.unit
        found[OFFICER, unit.pk] = Desk(
            OFFICER,
            unit.pk,
            unit.short_name or unit.name,
            gettext("、").join(str(post.get_kind_display()) for post in held),
        )
    return sorted(found.values(), key=lambda desk: ORDER.index(desk.code)) or [
        Desk(OFFICER, label=LABELS[OFFICER])
    ]


def chosen(having, kept) -> Desk:
    """The desk that was kept in the session if the person still has it, else the first."""
    kept = kept or {}
    return next(
        (desk for desk in having if (desk.code, desk.unit_id) == (kept.get("desk"), kept.get("unit"))),
        having[0],
    )


@cache
def address(name, *args) -> str:
    """The address behind a URL's name; empty while no app serves it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def navigation(desk, roles, path, is_closed=lambda name: False) -> list[dict]:
    """The groups of places of a desk, but for the closed ones; whose address is the longest beginning of `path` is current."""
    places = [
        (entry, url)
        for entry in ENTRIES
        if entry.desk == desk
        and not is_closed(entry.name)
        and (not entry.needs or entry.needs & set(roles))
        and (url := address(entry.name))
    ]
    here = max((url for _entry, url in places if _leads(url, path)), key=len, default="")
    groups = {}
    for entry, url in places:
        groups.setdefault(entry.group, []).append(
            {"label": entry.label, "url": url, "icon": entry.icon, "is_current": url == here}
        )
    return [{"label": label, "items": items} for label, items in groups.items()]


def _leads(url, path):
    return path == url or (url != "/" and path.startswith(url))
