"""The acts of the log in words: one table, code → label."""

from django.utils.translation import gettext_lazy as _

LABELS = {
    # the machine and its people
    "unit.entered": _("建立单位"),
    "enterprise.entered": _("登记企业"),
    "enterprise.changed": _("修改企业信息"),
    "enterprises.exported": _("导出企业名单"),
    "person.entered": _("登记人员"),
    "person.changed": _("修改人员信息"),
    "person.revealed": _("查看完整手机号和证件号码"),
    "person.reveal_refused": _("查看完整号码未获准"),
    "person.elder": _("切换大字版"),
    "person.made_administrator": _("设为系统管理员"),
    "people.imported": _("导入人员"),
    "people.import_previewed": _("预览人员导入"),
    "people.import_refused": _("人员导入未通过"),
    "people.exported": _("导出人员名单"),
    "account.signed_in": _("登录"),
    "account.signed_out": _("退出登录"),
    "account.sign_in_failed": _("登录失败"),
    "account.password_changed": _("修改密码"),
    "account.password_reset": _("重设密码"),
    "account.password_set": _("设置密码"),
    "account.email_added": _("添加邮箱"),
    "account.email_changed": _("更换邮箱"),
    "account.email_removed": _("删除邮箱"),
    "password.issued": _("发放一次性密码"),
    "password.chosen": _("本人设置密码"),
    "post.appointed": _("任命"),
    "post.ended": _("登记离任"),
    "grant.given": _("授权"),
    "grant.ended": _("收回授权"),
    "record.printed": _("打印人员档案"),
    # banks and blueprints
    "bank.entered": _("建立题库"),
    "bank.import": _("导入试题"),
    "bank.exported": _("导出试题"),
    "item.write": _("编写试题"),
    "item.draft": _("试题退回草稿"),
    "item.in_review": _("试题提交审核"),
    "item.approved": _("试题审核通过"),
    "item.retired": _("试题停用"),
    "picture.keep": _("存入图片"),
    "blueprint.write": _("编写组卷蓝图"),
    "blueprint.published": _("发布组卷蓝图"),
    "blueprint.retired": _("停用组卷蓝图"),
    # exams
    "exam.defined": _("建立考试"),
    "session.planned": _("安排场次"),
    "sessions.exported": _("导出考试场次"),
    "session.results_exported": _("导出场次成绩"),
    "examsession.published": _("发布场次"),
    "examsession.released": _("发布场次成绩"),
    "examsession.cancelled": _("取消场次"),
    "papers.composed": _("组卷"),
    "registration.made": _("登记考生"),
    "attempt.started": _("开始考试"),
    "attempt.submitted": _("交卷"),
    "attempt.voided": _("答卷作废"),
    "attempts.exported": _("导出考试成绩"),
    # certificates
    "scheme.entered": _("建立证明方案"),
    "certificate.issued": _("出具证明"),
    "certificate.printed": _("打印证明"),
    "certificate.in_force": _("恢复证明"),
    "certificate.suspended": _("暂停证明"),
    "certificate.revoked": _("撤销证明"),
    "certificate.replaced": _("换发证明"),
    "certificates.exported": _("导出合格证明名单"),
}


def label_of(action):
    """An act in words; an unknown code stands for itself."""
    return LABELS.get(action, action)
