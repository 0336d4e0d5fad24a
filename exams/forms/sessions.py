"""Forms of the desk that plans sessions."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from operator import attrgetter

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import FilterForm
from accounts.inputs import DayField, MomentField, SeveralField
from accounts.models import PostKind
from accounts.queries import districts_of
from catalog.models import ProductCategory
from exams import terms
from exams.models import Exam, ExamSession
from exams.queries import sessions as queries
from exams.templatetags.exam_words import plain

ANY = [("", _("全部"))]
DAYS_OPEN = 30


class SessionFilter(FilterForm):
    """What the list of sessions may be narrowed by."""

    q = forms.CharField(
        label=_("查找"), required=False, widget=forms.TextInput({"placeholder": _("场次或考试名称")})
    )
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[*ANY, *ExamSession.State.choices])
    kind = forms.ChoiceField(label=_("类型"), required=False, choices=[*ANY, *Exam.Kind.choices])


class RegistrationFilter(FilterForm):
    """What the registrations of a session may be narrowed by."""

    q = forms.CharField(
        label=_("查找"), required=False, widget=forms.TextInput({"placeholder": _("姓名或企业")})
    )
    verdict = forms.ChoiceField(
        label=_("结论"),
        required=False,
        choices=[
            *ANY,
            (queries.PASSED, _("已合格")),
            (queries.UNPASSED, _("已考未合格")),
            (queries.ABSENT, _("尚未考")),
            (queries.LATE, _("已逾期")),
        ],
    )


class AttemptFilter(FilterForm):
    """What the list of finished attempts may be narrowed by."""

    q = forms.CharField(
        label=_("查找"), required=False, widget=forms.TextInput({"placeholder": _("姓名、企业或场次")})
    )
    district = forms.ChoiceField(label=_("区"), required=False)
    kind = forms.ChoiceField(label=_("类型"), required=False, choices=[*ANY, *Exam.Kind.choices])
    verdict = forms.ChoiceField(
        label=_("结论"),
        required=False,
        choices=[*ANY, (queries.PASSED, _("合格")), (queries.UNPASSED, _("不合格"))],
    )
    year = forms.ChoiceField(label=_("年度"), required=False)
    unit = forms.SlugField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, viewer, **kwargs):
        super().__init__(*args, **kwargs)
        districts = list(districts_of(viewer))
        this = timezone.localdate().year
        self.fields["year"].choices = [*ANY, *((str(y), str(y)) for y in range(this, this - 5, -1))]
        if len(districts) > 1:
            self.fields["district"].choices = [*ANY, *districts]
        else:
            del self.fields["district"]


class PeopleFilter(FilterForm):
    """What the people to be registered may be narrowed by."""

    q = forms.CharField(
        label=_("查找"), required=False, widget=forms.TextInput({"placeholder": _("姓名或企业")})
    )


class RegisterForm(forms.Form):
    """Which posts to register, and by when they are to pass; only posts from the caller's door can be ticked."""

    posts = SeveralField(
        queryset=None,
        error_messages={"required": _("请至少勾选一人。"), "invalid_choice": _("名单已变化，请重新勾选。")},
    )
    due_on = DayField(
        label=_("完成期限"),
        required=False,
        help_text=_("不填则以场次截止时间为准。"),
    )

    def __init__(self, *args, session, posts, **kwargs):
        super().__init__(*args, **kwargs)
        self.session = session
        self.fields["posts"].queryset = posts

    def clean_due_on(self):
        due = self.cleaned_data["due_on"]
        if due and due < timezone.localdate():
            raise forms.ValidationError(_("完成期限不能早于今天。"))
        if due and due > timezone.localdate(self.session.closes_at):
            raise forms.ValidationError(
                _("完成期限不能晚于场次截止日 %(day)s。"),
                params={"day": timezone.localdate(self.session.closes_at)},
            )
        return due


# How each condition may be changed by somebody who holds an exam that others defined: never to be easier.
STRICTER = {
    "cut_score": (lambda own, given: given >= own, _("不得低于考试规定的 %(own)s。")),
    "max_attempts": (lambda own, given: own == 0 or 0 < given <= own, _("不得多于考试规定的 %(own)s 次。")),
    "cool_down_minutes": (lambda own, given: given >= own, _("不得短于考试规定的 %(own)s 分钟。")),
    "minutes": (lambda own, given: given <= own, _("不得长于考试规定的 %(own)s 分钟。")),
}


class SessionForm(forms.ModelForm):
    """Plan a session: everything is suggested from the exam, and the conditions may be made stricter."""

    opens_at = MomentField(label=_("开放时间"))
    closes_at = MomentField(label=_("截止时间"))

    class Meta:
        model = ExamSession
        fields = [
            "unit", "name", "code", "opens_at", "closes_at", "place", "minutes", "cut_score", "max_attempts",
            "cool_down_minutes", "self_registration", "is_held", "papers_wanted",
        ]  # fmt: skip
        help_texts = {
            "code": _("用于网址，字母、数字和连字符；发布后不变。"),
            "place": _("线上考试可不填。"),
            "is_held": _("考生须到场签到、输入现场口令，由监考人员宣布后才能开始。"),
            "papers_wanted": _("发布时先组好一部分，其余由后台补齐；考生各按自己的顺序取用。"),
        }

    def __init__(self, *args, exam, units, by_definer, **kwargs):
        self.exam, self.by_definer = exam, by_definer
        super().__init__(*args, initial=self.suggested(units) | kwargs.pop("initial", {}), **kwargs)
        self.fields["unit"].queryset = units
        self.fields["unit"].empty_label = None
        self.fields["papers_wanted"].max_value = 200
        self.fields["papers_wanted"].widget.attrs["max"] = 200

    def suggested(self, units):
        """What the form proposes."""
        unit = units.first()
        today = timezone.localdate()
        month = f"{today:%Y%m}"
        return {name: getattr(self.exam, name) for name in self.Meta.fields if name in Exam.terms_fields()} | {
            "unit": unit,
            "name": _("%(exam)s（%(month)s）") % {"exam": self.exam.name, "month": f"{today:%Y-%m}"},
            "code": queries.free_code(f"{self.exam.code}-{month}" if unit == self.exam.unit else f"{self.exam.code}-{unit.code}-{month}"),
            "opens_at": _local(today, time(9)),
            "closes_at": _local(today + timedelta(days=DAYS_OPEN), time(18)),
            "is_held": self.exam.kind == Exam.Kind.SPOT_CHECK,
            "papers_wanted": 12,
        }  # fmt: skip

    def clean_code(self):
        code = self.cleaned_data["code"]
        if code in ("new", "exams", "attempts"):
            raise forms.ValidationError(_("这个代码已作他用，请换一个。"))
        return code

    def clean_papers_wanted(self):
        wanted = self.cleaned_data["papers_wanted"]
        if wanted > 200:
            raise forms.ValidationError(_("一次最多组 200 套试卷。"))
        return wanted

    def clean(self):
        data = super().clean()
        opens, closes = data.get("opens_at"), data.get("closes_at")
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _("截止时间应晚于开放时间。"))
        elif closes and closes <= timezone.now():
            self.add_error("closes_at", _("截止时间已过。"))
        if not self.by_definer:
            for name, (is_kept, sentence) in STRICTER.items():
                own, given = getattr(self.exam, name), data.get(name)
                if given is not None and not is_kept(own, given):
                    self.add_error(
                        name,
                        forms.ValidationError(sentence, params={"own": plain(Decimal(own))}),
                    )
        return data


def _local(day, at):
    return timezone.make_aware(datetime.combine(day, at))


class ExamForm(forms.ModelForm):
    """Define an exam for self-training: what it is about, from which blueprint, under which conditions."""

    post_kinds = forms.MultipleChoiceField(
        label=_("适用岗位"),
        choices=PostKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("都不勾选表示不限岗位。"),
    )
    policy = forms.ChoiceField(label=_("多选题计分"))
    disclosure = forms.ChoiceField(label=_("成绩公开方式"))

    class Meta:
        model = Exam
        fields = [
            "unit", "name", "code", "category", "post_kinds", "blueprint", "minutes", "grace_seconds", "cut_score",
            "max_attempts", "cool_down_minutes", "policy", "policy_fixed", "disclosure", "shuffle_items",
            "shuffle_options", "self_registration", "legal_basis",
        ]  # fmt: skip
        help_texts = {
            "code": _("用于网址和场次代码，字母、数字和连字符。"),
            "category": _("不选表示各类产品通用。"),
            "blueprint": _("只列出已发布的组卷蓝图。"),
            "policy_fixed": _("只用于“少选得固定分”。"),
            "legal_basis": _("写明规章名称和条款，考生在开考前能看到。"),
        }

    def __init__(self, *args, units, blueprints, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset, self.fields["blueprint"].queryset = units, blueprints
        self.fields["unit"].empty_label = None
        self.fields["category"].queryset = ProductCategory.objects.in_force(timezone.localdate())
        self.fields["category"].empty_label = _("通用")
        self.fields["category"].label_from_instance = attrgetter("label")
        self.fields["policy"].choices = terms.policy_choices()
        self.fields["disclosure"].choices = terms.disclosure_choices()
        self.fields["policy_fixed"].min_value = 0
        self.fields["legal_basis"].required = True
        self.fields["policy_fixed"].required = False

    def clean_policy_fixed(self):
        fixed = self.cleaned_data["policy_fixed"]
        if fixed is None:
            return Exam._meta.get_field("policy_fixed").get_default()
        if not 0 <= fixed <= 1:
            raise forms.ValidationError(_("请填写 0 到 1 之间的数。"))
        return fixed


class CancelForm(forms.Form):
    """Why a session is cancelled."""

    why = forms.CharField(label=_("取消原因"), max_length=200, widget=forms.Textarea({"rows": 3}))
