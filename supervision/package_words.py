"""How columns are called on the pages of an evidence package; what is missing here is called as in JSON."""

from django.utils.translation import gettext_lazy as _

COLUMNS = {
    "account": _("账号编号"), "action_display": _("操作"), "address": _("来源地址"), "at": _("时间"), "attempt": _("答卷"),
    "badge": _("执法证号"), "basis": _("依据"), "body": _("内容"), "bring": _("请携带"), "by": _("经办人"), "called_at": _("安排时间"),
    "called_by": _("安排人"), "category_display": _("类别"), "cell": _("题号"), "closed_at": _("销号时间"), "closed_by": _("销号人"),
    "closes_at": _("截止时间"), "code": _("编号"), "commitment": _("承诺"), "concluded_at": _("结束时间"), "concluded_by": _("结束人"),
    "conclusion": _("结论"), "conclusion_display": _("结论"), "contact": _("联系人"), "corrected_by": _("被哪一条更正"),
    "corrects": _("更正哪一条"), "count": _("数量"), "data": _("内容"), "deadline": _("截止时间"), "demands": _("整改要求"),
    "device": _("设备"), "digest": _("摘要"), "draw": _("抽取代码"), "due_on": _("整改期限"), "ended_by_display": _("交卷方式"),
    "enterprise": _("企业"), "entries": _("内容"), "examinee": _("应考人员编号"), "examinees": _("应考人员编号"), "facts": _("查明的情况"),
    "file": _("文件"), "files": _("文件"), "flagged": _("标记"), "form_display": _("形式"), "fraction": _("得分率"),
    "frozen_at": _("冻结时间"), "frozen_by": _("冻结人"), "happened_at": _("发生时间"), "held_on": _("考试日期"),
    "holder": _("组织考试的单位"), "how": _("方式"), "how_display": _("方式"), "id": _("编号"), "id_number": _("证件号码"),
    "image": _("签字图片的摘要"), "is_confirmed": _("已确认"), "is_settled": _("已办结"), "issued_at": _("发出时间"),
    "issued_by": _("签发人"), "item": _("内容"), "key": _("标准答案"), "kind": _("类型"), "kind_display": _("类型"), "last_id": _("末号"),
    "layout": _("次序"), "legal_basis": _("依据"), "letter": _("卷别"), "letter_display": _("卷别"), "link": _("链值"), "made_at": _("文件生成时间"),
    "max_points": _("满分"), "measure_display": _("措施"), "measures": _("整改措施"), "minutes": _("记录表编号"),
    "missed": _("错题知识点"), "name": _("姓名"), "note": _("说明"), "noted_at": _("签到时间"), "number": _("序号或版本"),
    "objections_until": _("异议期至"), "opens_at": _("开始时间"), "outcome_display": _("结果"), "paper": _("试卷"), "passed": _("合格"),
    "pdf": _("纸面文本"), "percent": _("百分比"), "person": _("姓名"), "phone": _("手机号"), "picture": _("签字图片"),
    "place": _("地点"), "points": _("得分"), "position": _("题号"), "post": _("岗位"), "publication": _("结果公示"),
    "outcome_version": _("新结果的版本"), "instead_of": _("原结果的版本"), "revoked": _("撤销文号"), "rank": _("顺位"), "rationale": _("解析"), "receipt": _("作答链"), "receiver": _("收件人"), "receiver_role": _("收件人身份"),
    "recheck_by": _("复查期限"), "released_at": _("成绩发布时间"), "replaced_why": _("替补的理由"), "role_display": _("结果"),
    "room": _("考场"), "round": _("轮次"), "said": _("作答"), "seal": _("封存码"), "seat": _("座位号"), "seconds": _("增加的秒数"),
    "section": _("部分"), "serial": _("文号"), "serve_by": _("送达期限"), "served_at": _("送达时间"), "session": _("考试场次"),
    "side_display": _("哪一方"), "signed_name": _("签字人"), "size": _("大小"), "source": _("公开数来源"),
    "source_at": _("公开数产生时间"), "stands_in": _("替补上来"), "started_at": _("开始时间"), "state_display": _("状态"),
    "stem": _("题干"), "stopped_clock": _("暂停了计时"), "stratum": _("层"), "subject": _("对象"), "submitted_at": _("交卷时间"),
    "target": _("对象"), "target_label": _("对象名称"), "text": _("经过"), "title": _("职务"), "topic": _("知识点"),
    "training": _("补训"), "type": _("题型"), "unit": _("组织机构"), "until": _("申请延至"), "uscc": _("统一社会信用代码"),
    "value": _("内容"), "version": _("版本"), "voided_at": _("作废时间"), "voided_why": _("原因"), "who": _("操作人"),
    "why": _("原因"), "witness": _("见证人"), "witness_title": _("见证人身份"),
}  # fmt: skip
# How columns begin that tell of what hangs on the row.
HUNG = {
    "act": _("采取的措施"), "decision": _("处理决定"), "into": _("替补上来的人"), "out": _("被替补的人"), "recheck": _("复查"),
    "review": _("复核"), "ruling": _("延期决定"),
}  # fmt: skip
# Columns that stand behind such a beginning only.
LATER = {
    "found": _("意见"), "is_accepted": _("通过"), "is_granted": _("同意"), "outcome": _("新结果的版本"), "upheld": _("异议成立"),
    "verdict_display": _("结论"),
}  # fmt: skip


def name_of_column(key):
    """How a column is called, as something to be said; None where it has no words."""
    first, _gap, rest = key.partition("_")
    if key in COLUMNS:
        return (COLUMNS[key],)
    if first in HUNG and (rest in COLUMNS or rest in LATER):
        return HUNG[first], COLUMNS.get(rest) or LATER[rest]
    return None
