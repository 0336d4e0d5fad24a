"""Forms of classes: filters, what is planned, who is entered without a phone, and why one is cancelled."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import ALL, FilterForm
from accounts.inputs import MomentField
from courses.models import ClassMeeting, ClassSign
from courses.queries import classes as queries

HTTPS = URLValidator(schemes=["https"])
LONGEST = timedelta(hours=24)


class ClassFilter(FilterForm):
    """What the list of classes may be narrowed by."""

    q = forms.CharField(
        label=_("查找"), required=False, widget=forms.TextInput({"placeholder": _("课堂、授课人或单位")})
    )
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[ALL, (queries.COMING, _("将要举办")), *ClassMeeting.State.choices],
    )
    kind = forms.ChoiceField(label=_("形式"), required=False, choices=[ALL, *ClassMeeting.Kind.choices])


class ClassForm(forms.ModelForm):
    """What is planned of a class."""

    begins_at = MomentField(label=_("开始时间"))
    ends_at = MomentField(label=_("结束时间"))

    class Meta:
        model = ClassMeeting
        fields = [
            "title", "kind", "unit", "lesson", "teacher", "place", "address", "begins_at", "ends_at", "minutes", "capacity",
        ]  # fmt: skip
        help_texts = {
            "unit": _("企业举办的只对本企业人员开放；监管机构举办的对辖区内企业的人员开放。"),
            "lesson": _(
                "选了课时，只有正在学习这门课程的人员可以签到，学时计入这一课；不选则单独计入年度学时。"
            ),
            "address": _("以 https:// 开头；学员页面上按文字显示，只有本系统允许的网址可以直接点开。"),
            "minutes": _("每人计入的学时不超过这个数，也不超过签到到签退之间的时间。"),
        }

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = queries.units_held(user)
        self.fields["unit"].empty_label = None
        self.fields["lesson"].queryset = queries.lessons_held(user)
        self.fields["lesson"].empty_label = _("不属于课程")
        self.fields["lesson"].label_from_instance = lambda one: f"{one.course.name} · {one}"

    def clean_address(self):
        """An address that a browser may open safely."""
        address = self.cleaned_data["address"].strip()
        if address:
            try:
                HTTPS(address)
            except ValidationError:
                raise ValidationError(_("请填写以 https:// 开头的完整网址。")) from None
        return address

    def clean(self):
        """What belongs together."""
        said = super().clean()
        begins, ends = said.get("begins_at"), said.get("ends_at")
        if begins and ends:
            self._check_times(begins, ends, said.get("minutes"))
        if said.get("kind") == ClassMeeting.Kind.CLASSROOM and not said.get("place"):
            self.add_error("place", _("集中培训请填写地点。"))
        if (
            said.get("kind") == ClassMeeting.Kind.LIVE
            and not said.get("address")
            and "address" not in self.errors
        ):
            self.add_error("address", _("直播课请填写网址。"))
        lesson = said.get("lesson")
        if lesson and said.get("kind") and lesson.kind != said["kind"]:
            self.add_error("lesson", _("课时的形式与课堂的形式不一致。"))
        return said

    def _check_times(self, begins, ends, minutes):
        if ends <= begins:
            self.add_error("ends_at", _("结束时间应晚于开始时间。"))
        elif ends - begins > LONGEST:
            self.add_error("ends_at", _("一次课堂不超过 24 小时，请分次安排。"))
        elif ends <= timezone.now():
            self.add_error("ends_at", _("结束时间已经过去。"))
        elif minutes and timedelta(minutes=minutes) > ends - begins:
            self.add_error("minutes", _("计入的学时不能超过课堂的时间。"))


class EnterForm(forms.Form):
    """Who came or left without a phone, when, and why it is entered; only people from the caller's door can be named."""

    post = forms.ModelChoiceField(queryset=None, error_messages={"invalid_choice": _("名单已变化，请刷新。")})
    direction = forms.ChoiceField(label=_("登记"), choices=ClassSign.Direction.choices)
    at = MomentField(label=_("时间"), required=False, help_text=_("不填表示现在。"))
    why = forms.CharField(label=_("理由"), max_length=200)

    def __init__(self, *args, posts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["post"].queryset = posts


class CancelForm(forms.Form):
    """Why a class is cancelled."""

    why = forms.CharField(label=_("取消理由"), max_length=200, widget=forms.Textarea({"rows": 2}))


class CodeForm(forms.Form):
    """The code under the picture on the screen, typed by whoever cannot scan it."""

    code = forms.CharField(
        label=_("屏幕上的口令"),
        max_length=20,
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
