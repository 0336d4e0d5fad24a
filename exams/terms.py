"""The conditions of sitting in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exams.actions.scoring import policy_of
from exams.engine.disclosure import DISCLOSURES
from exams.engine.scoring import POLICIES
from exams.sentences import say
from exams.templatetags.exam_words import plain


def in_words(terms):
    """Pairs of label and sentence for an exam or a session, in the order in which people ask."""
    rows = [
        (
            _("时长"),
            _("%(minutes)s 分钟，网络宽限 %(grace)s 秒")
            % {"minutes": terms.minutes, "grace": terms.grace_seconds},
        ),
        (_("合格线"), _("满分的 %(cut)s%%") % {"cut": plain(terms.cut_score)}),
        (_("次数"), _times(terms)),
        (_("顺序"), _order(terms)),
        (_("多选题计分"), say(policy_of(terms).explanation)),
        (_("成绩公开"), _(DISCLOSURES[terms.disclosure].label)),
        (_("报名"), _("本人可自行报名") if terms.self_registration else _("由企业或监管部门安排")),
        *([(_("开考"), _("现场签到，由监考人员宣布"))] if getattr(terms, "is_held", False) else []),
        (_("依据"), terms.legal_basis or _("未填写")),
    ]
    return rows


def _times(terms):
    times = (
        ngettext("最多 %(count)s 次", "最多 %(count)s 次", terms.max_attempts) % {"count": terms.max_attempts}
        if terms.max_attempts
        else _("不限次数")
    )
    if terms.cool_down_minutes:
        return _("%(times)s，两次间隔 %(minutes)s 分钟") % {
            "times": times,
            "minutes": terms.cool_down_minutes,
        }
    return times


def _order(terms):
    return {
        (True, True): _("题序和选项都打乱"),
        (True, False): _("打乱题序，选项不变"),
        (False, True): _("题序不变，打乱选项"),
        (False, False): _("按试卷原有顺序"),
    }[terms.shuffle_items, terms.shuffle_options]


def policy_choices():
    """The scoring policies for a form."""
    return [(code, _(kind.label)) for code, kind in POLICIES.items()]


def disclosure_choices():
    """The disclosure policies under which a result becomes known without a further act."""
    return [(code, _(kind.label)) for code, kind in DISCLOSURES.items() if "score" in kind.just_after]
