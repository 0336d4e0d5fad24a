"""The permission matrix: which role may do what. Views and acts ask this table, and /grants/matrix/ shows it.

Only what the code asks by role stands here; what hangs on a post, or on whose a row is, the querysets decide.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models.roles import Role

PEOPLE, BANKS, EXAMS, PAPERS, SYSTEM = _("人员与企业"), _("题库与蓝图"), _("考试"), _("证书"), _("系统")
CHECKS = _("抽查考核")
LEARNING = _("课程与学习")
BELOW = _("被授权的单位及其下级")
ALL_BANKS = _("被授权机构及其下级的题库")
WHOLE = _("不分单位")


@dataclass(frozen=True)
class Act:
    """One act: where it belongs, what it is, who may do it, and on what."""

    code: str
    group: str | Promise
    label: str | Promise
    roles: tuple
    where: str | Promise


OVERSEERS = (Role.MANAGER, Role.REGULATOR, Role.ADMIN)
ORGANS = (Role.REGULATOR, Role.ADMIN)
LENDABLE = (Role.MANAGER, Role.REGULATOR, Role.EDITOR, Role.REVIEWER)

ACTS = (
    Act("people.see", PEOPLE, _("查看人员、任职和企业，任命，登记离任"), OVERSEERS, BELOW),
    Act("people.import", PEOPLE, _("导入企业和人员"), OVERSEERS, BELOW),
    Act("people.merge", PEOPLE, _("合并同一人的两份档案，撤销合并"), ORGANS, BELOW),
    Act("banks.work", BANKS, _("打开题库，导出试题"), (Role.EDITOR, Role.REVIEWER, Role.ADMIN), ALL_BANKS),
    Act("banks.write", BANKS, _("编写、修改和导入试题"), (Role.EDITOR,), ALL_BANKS),
    Act("banks.review", BANKS, _("审核试题（不能审核自己编写的）"), (Role.REVIEWER,), ALL_BANKS),
    Act("blueprints.see", BANKS, _("查看组卷蓝图"), (Role.EDITOR, Role.REVIEWER, Role.REGULATOR, Role.ADMIN), BELOW),
    Act("blueprints.write", BANKS, _("编写和发布组卷蓝图"), (Role.EDITOR,), BELOW),
    Act("sessions.run", EXAMS, _("安排场次，登记考生，现场处置，查看成绩"), OVERSEERS, BELOW),
    Act("sessions.supervise", EXAMS, _("建立考试，作废答卷，撤销终止，重新评分"), ORGANS, BELOW),
    Act("courses.write", LEARNING, _("编写、发布和撤下课程"), (Role.EDITOR,), BELOW),
    Act("learning.see", LEARNING, _("查看人员的课程进度和核定学时"), OVERSEERS, BELOW),
    Act("learning.assign", LEARNING, _("给本企业人员安排课程，取消安排"), (Role.MANAGER,), BELOW),
    Act("classes.see", LEARNING, _("查看课堂和出勤名单"), (*OVERSEERS, Role.EDITOR), BELOW),
    Act("classes.run", LEARNING, _("安排、举办和取消课堂，登记没有扫码的人员"), (Role.MANAGER, Role.REGULATOR, Role.EDITOR), BELOW),
    Act("outside.enter", LEARNING, _("为本企业人员登记外部培训"), (Role.MANAGER,), BELOW),
    Act("outside.check", LEARNING, _("确认或退回外部培训（不能核对自己的和自己登记的）"), (Role.MANAGER, Role.REGULATOR), BELOW),
    Act("hours.rule", LEARNING, _("添加和终止学时规则"), (Role.ADMIN,), BELOW),
    Act("spotchecks.see", CHECKS, _("查看抽查考核、抽取结果和覆盖台账"), (Role.REGULATOR,), BELOW),
    Act("spotchecks.plan", CHECKS, _("制定抽查考核计划，申报利害关系"), (Role.REGULATOR,), BELOW),
    Act("spotchecks.approve", CHECKS, _("批准抽查考核计划（不能批准自己制定或修改的）"), (Role.REGULATOR,), BELOW),
    Act("spotchecks.draw", CHECKS, _("冻结名单，抽取，替补，登记抽中人员，作废（须另一人）"), (Role.REGULATOR,), BELOW),
    Act("spotchecks.hold", CHECKS, _("登记检查人员到场，开始和结束考核，制作记录表"), (Role.REGULATOR,), BELOW),
    Act("spotchecks.publish", CHECKS, _("公布、更正和撤下抽查结果，处理异议（须另一人），依职权更正结果（须另一人确认）"), (Role.REGULATOR,), BELOW),
    Act("spotchecks.notify", CHECKS, _("发出抽查考核通知书，改期，答复缓考申请"), (Role.REGULATOR,), BELOW),
    Act("spotchecks.follow", CHECKS, _("发出整改通知书，登记送达，复查，销号（须另一人），撤销（须另一人），安排补考，作出处理决定，归档（须另一人）"), (Role.REGULATOR,), BELOW),
    Act("rectifications.see", CHECKS, _("查看整改通知书"), OVERSEERS, BELOW),
    Act("rectifications.report", CHECKS, _("确认收到整改通知书，提交整改报告，申请延期"), (Role.MANAGER,), BELOW),
    Act("spotchecks.paper", CHECKS, _("打印纸质试卷和答案，录入纸质成绩，复核（须另一人）"), (Role.REGULATOR,), BELOW),
    Act("spotchecks.package", CHECKS, _("生成和下载证据包"), (Role.REGULATOR,), BELOW),
    Act("certificates.see", PAPERS, _("查看和打印合格证明"), OVERSEERS, BELOW),
    Act("certificates.decide", PAPERS, _("暂停、恢复、撤销和换发合格证明"), ORGANS, BELOW),
    Act("organs.overview", SYSTEM, _("查看监管机构总览"), ORGANS, BELOW),
    Act("grants.run", SYSTEM, _("授权和收回授权，查看权限表"), (Role.ADMIN,), BELOW),
    Act("grants.delegate", SYSTEM, _("把自己的角色限期委托给同事"), LENDABLE, _("自己的单位及其下级")),
    Act("people.represent", SYSTEM, _("代为操作"), (Role.ADMIN,), BELOW),
    Act("tokens.run", SYSTEM, _("建立和停用接口令牌"), (Role.ADMIN,), BELOW),
    Act("messages.see", SYSTEM, _("查看消息台账、送达证明和消息模板"), (Role.ADMIN,), BELOW),
    Act("operations.see", SYSTEM, _("查看运行状况，重试后台任务"), (Role.ADMIN,), WHOLE),
)  # fmt: skip
TABLE = {act.code: act for act in ACTS}


def roles(code):
    """The roles that may do an act; an unknown act is an error."""
    return TABLE[code].roles


def matrix():
    """The table as the page shows it: [(group, [(act, [(role, whether it may)])])]."""
    groups = {}
    for act in ACTS:
        cells = [(role, role in act.roles) for role in Role]
        groups.setdefault(act.group, []).append((act, cells))
    return list(groups.items())
