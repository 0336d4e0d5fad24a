"""What is kept of people, for what, how long, and what may be disposed of today: one table, read by people and by the command."""

from dataclasses import dataclass

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Hold, Merge, Post, RecordEntry, RoleGrant, User
from accounts.oneself import the_one
from accounts.queries import enterprises_seen_by, find_person, people_seen_by

DUTY = _(
    "履行法定职责、法定义务所必需（《个人信息保护法》第十三条第一款第三项；市场监管总局令第75号、第76号）"
)
CHOICE = _("本人选择使用，随时可以解除（《个人信息保护法》第十三条第一款第一项）")
SAFETY = _("网络安全保护义务（《网络安全法》）")


MAILS_KEPT_DAYS = 30


@dataclass(frozen=True)
class Kept:
    """One class of data. `ground` allows the processing; `basis` says where the period comes from."""

    code: str
    what: str | Promise
    why: str | Promise
    ground: str | Promise
    period: str | Promise
    basis: str | Promise
    is_disposable: bool = False


OWN_RULE = _("本系统默认，由运行单位设定")
CLASSES = (
    Kept("account", _("姓名、用户名、邮箱"), _("识别本人、登录、通知"), DUTY, _("账号停用后仍保留姓名，使历史记录可读；邮箱随手机号和证件号码清除"), OWN_RULE),
    Kept("numbers", _("手机号、证件号码（加密保存）"), _("确认身份、避免重复建档、登录"), DUTY, _("最后一次任职、授权、登录或档案记录满 {years} 年后清除"), OWN_RULE, True),
    Kept("posts", _("任职、授权"), _("说明谁在何时对产品质量安全负责"), DUTY, _("长期保存"), _("存档备查；两部规定没有写明年限")),
    Kept("file", _("人员档案：任职、成绩、证明、抽查"), _("证明培训考核情况，供监督检查"), DUTY, _("长期保存，只增不改"), _("存档备查；两部规定没有写明年限")),
    Kept("exams", _("答卷、作答、成绩、合格证明"), _("评分、复核、核验证明"), DUTY, _("长期保存，只增不改"), _("存档备查；两部规定没有写明年限")),
    Kept("learning", _("课程学习：打开课时、页面心跳、在场确认、课时练习、培训档案及本人确认"), _("核定学时，供监督检查"), DUTY, _("长期保存，只增不改"), _("存档备查；两部规定没有写明年限")),
    Kept("practice", _("练习作答、把握程度、模拟考试、收藏"), _("安排复习，让本人看到自己掌握得怎样；不用于考试和抽查"), DUTY, _("作答和模拟考试长期保存，只增不改；收藏由本人删除"), OWN_RULE),
    Kept("classes", _("课堂签到和签退的时间，外部培训及其证明材料"), _("核定学时，供监督检查"), DUTY, _("长期保存，只增不改"), _("存档备查；两部规定没有写明年限")),
    Kept("log", _("操作日志：谁、何时、从哪个地址、做了什么"), _("防止滥用，查明责任"), SAFETY, _("不少于 6 个月，归档 3 年；只增不改"), _("《网络安全法》：网络日志留存不少于六个月；3 年为本系统默认")),
    Kept("logins", _("登录会话"), _("保持登录状态"), SAFETY, _("12 小时后失效，次日删除"), OWN_RULE, True),
    Kept("outside", _("外部账号（微信、企业微信、钉钉）的关联：标识的散列值，不含昵称、头像"), _("用外部账号登录"), CHOICE, _("本人解除、合并档案或重发一次性密码时即删除；否则随手机号和证件号码清除"), OWN_RULE),
    Kept("mails", _("预警邮件：哪天给谁发过"), _("每天只发一封"), DUTY, _("{mails} 天"), OWN_RULE),
    Kept("messages", _("消息：提醒了什么、何时送达、阅读和确认"), _("按时提醒，证明已经告知"), DUTY, _("{messages} 天；不含姓名的送达台账长期保存"), OWN_RULE),
    Kept("uploads", _("导入前暂存的文件（加密）"), _("预览后导入"), DUTY, _("2 小时"), OWN_RULE, True),
    Kept("notices", _("告知的确认记录"), _("证明已履行告知义务"), _("《个人信息保护法》第十七条"), _("长期保存，只增不改"), OWN_RULE),
)  # fmt: skip


def told():
    """The classes for a page, the configured years written in."""
    return [
        {
            "what": one.what,
            "why": one.why,
            "ground": one.ground,
            "period": str(one.period).format(
                years=settings.NUMBERS_KEPT_YEARS, mails=MAILS_KEPT_DAYS, messages=settings.MESSAGES_KEPT_DAYS
            ),
            "basis": one.basis,
        }
        for one in CLASSES
    ]


def years_before(day, years):
    """The same day some years ago; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def gone_since(day):
    """People of whom nothing has happened since a day, and who have neither post nor role."""
    lines = RecordEntry.objects.filter(Q(occurred_on__gt=day) | Q(recorded_at__date__gt=day))
    lasting = {
        "posts": Post.objects.filter(Q(ended_on=None) | Q(ended_on__gt=day), person=OuterRef("pk")),
        "roles": RoleGrant.objects.not_over(day).filter(user=OuterRef("pk")),
        "lines": lines.filter(person=OuterRef("pk")),
        # of accounts that were merged into hers; apart, since no index answers both at once
        "lines of others": lines.filter(person__merged_into=OuterRef("pk")),
        "sign-ins of others": User.objects.filter(merged_into=OuterRef("pk"), last_login__date__gt=day),
        # while a merge can be taken back nobody's numbers may be missing from it
        "merges": Merge.objects.filter(
            Q(kept=OuterRef("pk")) | Q(absorbed=OuterRef("pk")), undone_at=None
        ).exclude(former_sealed=""),
    }
    people = User.objects.filter(
        Q(last_login=None) | Q(last_login__date__lte=day), joined_at__date__lte=day
    )  # fmt: skip
    return people.filter(*(~Exists(rows) for rows in lasting.values()))


def numbers_due(today):
    """People whose phone, ID number, address and links with accounts elsewhere may go, as far as the period goes; holds are asked for apart."""
    links = SocialAccount.objects.filter(user=OuterRef("pk"))
    numbers = ~Q(phone_sealed="") | ~Q(id_sealed="") | ~Q(email="") | Q(Exists(links))
    return gone_since(years_before(today, settings.NUMBERS_KEPT_YEARS)).filter(numbers).order_by("pk")


# --- Holds, as an administrator sees them ------------------------------------------------------------------------------


def holds_run_by(user):
    """The holds on people and enterprises that an administrator sees."""
    people = people_seen_by(user)
    return Hold.objects.filter(
        Q(person__in=people) | Q(person__merged_into__in=people) | Q(enterprise__in=enterprises_seen_by(user))
    ).select_related("person", "enterprise__unit", "by", "ended_by").order_by(F("ended_at").desc(nulls_first=True), "-pk")  # fmt: skip


def find_held(user, text):
    """What an administrator means: {"person": …} or {"enterprise": …} in her reach, or nothing."""
    text = text.strip()
    enterprise = enterprises_seen_by(user).filter(uscc__iexact=text).first()
    if enterprise:
        return {"enterprise": enterprise}
    person = the_one(find_person(text))
    if person and people_seen_by(user).filter(pk=person.pk).exists():
        return {"person": person}
    return {}
