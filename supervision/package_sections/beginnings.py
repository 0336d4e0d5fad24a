"""From the plan to the list and to what everybody on it was told."""

from django.utils.translation import gettext_lazy as _

from accounts.models import PostKind
from supervision import rules, universe
from supervision.models import AbsenceRequest, NoticeReading, Replacement, RuleProfile, SpotCheck, SpotNotice
from supervision.package_sections.common import files_at, hung, named, people_of
from supervision.packing import SHIPPED, Piece, both, facts, plain, records, row_of, section
from supervision.queries import draws

State = SpotCheck.State


@section("plan", _("计划与批准"))
def plan(pack):
    """The plan with its rules, who wrote it, who approved it, who was left out."""
    check, profile = pack.check, pack.check.profile
    told = [
        (_("编号"), check.serial),
        (_("名称"), check.name),
        (_("组织机构"), check.unit.name),
        (_("状态"), both(State(check.state).label)),
        (_("方式"), both(SpotCheck.Mode(check.mode).label)),
        (_("地点"), check.place),
        (_("开始日期"), check.starts_on),
        (_("结束日期"), check.ends_on),
        (_("抽取范围"), dict(check.universe)),
        (_("分层"), both(SpotCheck.Strata(check.strata_by).label)),
        (_("各层人数"), check.quotas),
        (_("权重"), check.weights),
        (_("每层后备人数"), check.reserves),
        (_("每家企业最多人数"), check.per_enterprise),
        (_("组卷蓝图"), check.blueprint.name),
        (_("考核规则"), f"{profile.code} v{profile.number}"),
        *(
            (RuleProfile._meta.get_field(name).verbose_name, getattr(profile, name))
            for name in RuleProfile.numbers()
        ),
        (_("制定人"), check.planned_by),
        (_("制定时间"), check.planned_at),
        (_("最后修改"), check.changed_by),
        (_("最后修改时间"), check.changed_at),
        (_("批准人"), check.approved_by),
        (_("批准时间"), check.approved_at),
        (_("终止时间"), check.abandoned_at),
        (_("终止原因"), check.abandoned_why),
    ]
    yield from facts("plan/plan", _("计划与批准"), told)
    rows = check.exclusions.select_related("person", "enterprise__unit", "by")
    left_out = [row_of(one, "person", "why", "by", "at", enterprise=one.enterprise and one.enterprise.unit.name) for one in rows]  # fmt: skip
    yield from records("plan/exclusions", _("排除的人员和企业"), left_out)


@section("draws", _("抽取"))
def drawn(pack):
    """Each draw as it was published, the list with names, and the program that does it again."""
    for draw in pack.check.draws.select_related("reveal", "voiding", "frozen_by").order_by("number"):
        folder, title = f"draws/{draw.code}", draw.code
        yield Piece(f"{folder}/frame.txt", _("冻结的名单"), draw.frozen.encode())
        yield from records(
            f"{folder}/draw",
            title,
            [
                row_of(
                    draw,
                    "number",
                    "code",
                    "digest",
                    "commitment",
                    "source",
                    "source_at",
                    "frozen_at",
                    "frozen_by",
                )
                | (
                    {"voided_at": plain(draw.voiding.at), "voided_why": draw.voiding.why}
                    if rules.is_void(draw)
                    else {}
                )
            ],
        )
        if not rules.is_revealed(draw):
            continue
        yield Piece(f"{folder}/dossier.json", _("抽取档案"), draw.reveal.dossier.encode())
        yield Piece(f"{folder}/verify_draw.py", _("复核程序"), (SHIPPED / "verify_draw.py").read_bytes())
        yield Piece(
            f"{folder}/RECIPE.txt", _("手工复核的方法"), (SHIPPED / "data" / "draw_recipe.txt").read_bytes()
        )
        labels = universe.stratum_labels(pack.check.strata_by, {one.stratum for one in draws.everybody(draw)})
        rows = [
            row_of(
                one,
                "rank",
                "role",
                stratum=str(labels[one.stratum]),
                key=one.line.key,
                name=one.line.person.name,
                enterprise=one.line.post.enterprise.unit.name,
                replaced_why=one.replaced.why if hasattr(one, "replaced") else "",
                stands_in=hasattr(one, "stands_in"),
            )
            for one in draws.everybody(draw)
        ]
        yield from records(f"{folder}/list", _("抽取结果"), rows)
        inspectors = [
            row_of(one, "rank", "key", "person") for one in draw.inspectors.select_related("person")
        ]
        yield from records(f"{folder}/inspectors", _("检查人员"), inspectors)


@section("people", _("应考人员"))
def people(pack):
    """Who was called, with masked numbers unless the package is a full one."""
    rows = [
        {
            "examinee": one.pk,
            "round": one.round,
            "name": one.registration.candidate.name,
            "id_number": pack.number(one.registration.candidate, "id_number"),
            "phone": pack.number(one.registration.candidate, "phone"),
            "enterprise": one.registration.post.enterprise.unit.name,
            "uscc": one.registration.post.enterprise.uscc,
            "post": both(PostKind(one.registration.post.kind).label),
            "session": one.registration.session.code,
        }
        for one in people_of(pack)
    ]
    yield from records("people/people", _("应考人员"), rows)


@section("notices", _("通知、缓考与替补"))
def notices(pack):
    """Every version of every notice, who read it when, absences that were asked for, and who took whose place."""
    about = {"examinee__check_of": pack.check}
    rows = SpotNotice.objects.filter(**about).select_related("by", "unit").order_by("examinee_id", "number")
    told = [
        named(pack, one.examinee_id, serial=one.serial, unit=one.unit.name)
        | row_of(
            one, "number", "kind", "subject", "opens_at", "closes_at", "place", "room", "seat", "bring", "contact", "legal_basis",
            "why", "by", "at",
        )
        for one in rows
    ]  # fmt: skip
    yield from records("notices/notices", _("抽查考核通知书"), told)
    rows = NoticeReading.objects.filter(**{f"notice__{way}": one for way, one in about.items()})
    told = [
        named(pack, one.notice.examinee_id, serial=one.notice.serial, version=one.notice.number)
        | row_of(one, "side", "at", "by", "address", account=one.by_id)
        for one in rows.select_related("notice", "by").order_by("notice__examinee_id", "notice__number", "pk")
    ]
    yield from records("notices/readings", _("通知书阅读记录"), told)
    rows = AbsenceRequest.objects.filter(**about).select_related("by", "decision__by")
    told = [
        named(pack, one.examinee_id)
        | row_of(one, "number", "side", "why", "by", "at", files=files_at(pack, one))
        | hung("decision", one, "is_granted", "why", "by", "at")
        for one in rows.order_by("examinee_id", "number")
    ]
    yield from records("notices/absences", _("缓考申请"), told)
    rows = Replacement.objects.filter(out__draw__check_of=pack.check).select_related(
        "by", "out__draw", "out__line__person", "out__line__enterprise__unit", "into__line__person", "into__line__enterprise__unit"
    )  # fmt: skip
    told = [
        row_of(
            one,
            "why",
            "by",
            "at",
            draw=one.out.draw.code,
            **{f"{side}_{k}": v for side in ("out", "into") for k, v in _place(getattr(one, side)).items()},
        )
        for one in rows.order_by("pk")
    ]
    yield from records("notices/replacements", _("替补"), told)


def _place(drawn):
    line = drawn.line
    return {"key": line.key, "name": line.person.name, "enterprise": line.enterprise.unit.name, "rank": drawn.rank}  # fmt: skip
