"""Forms of this floor."""

import re

from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import ResetPasswordKeyForm as AllauthResetPasswordKeyForm
from allauth.account.forms import SetPasswordForm as AllauthSetPasswordForm
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import identifiers, papers, queries, telling, uploads
from accounts.exchange import appointment_bounds, is_username
from accounts.fields import IdNumberField, PhoneField, ReasonField, checked
from accounts.inputs import DayField, SeveralField
from accounts.models import Enterprise, PostKind, PostPaper, Role
from audit.transitions import Refused
from catalog.models import ProductCategory

ALL = ("", _("全部"))
LARGEST_FILE = 10 * 1024 * 1024


class LoginForm(AllauthLoginForm):
    """One field for whatever name a person knows of herself."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("用户名 / 手机号 / 邮箱")
        self.fields["login"].widget.attrs.update(
            placeholder="", autocapitalize="none", autocomplete="username"
        )
        self.fields["password"].widget.attrs.update(placeholder="")
        self.fields.pop("remember", None)

    def clean_login(self):
        """A phone in its one spelling, so that failures are counted for the person and not for each spelling."""
        login = super().clean_login()
        return login if identifiers.why_not_phone(login) else identifiers.normalise_phone(login)


class PhoneCodeForm(forms.Form):
    """Where the code goes."""

    phone = PhoneField(label=_("手机号"), max_length=30)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["phone"].widget.attrs["autofocus"] = True


class ConfirmCodeForm(forms.Form):
    """The code from the short message."""

    code = forms.CharField(
        label=_("6 位验证码"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}
        ),
    )

    def clean_code(self):
        """Its six digits, however they were typed."""
        code = identifiers.normalise(self.cleaned_data["code"])
        if not re.fullmatch(r"\d{6}", code, re.ASCII):
            raise forms.ValidationError(_("验证码是 6 位数字。"))
        return code


class SaidOnce(forms.Form):
    """A form of allauth's in the house's words: a label says what a field is, and nothing repeats it inside."""

    LABELS = {"oldpassword": _("当前密码"), "password1": _("新密码"), "password2": _("再输入一次新密码")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.LABELS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)


class SetPasswordForm(SaidOnce, AllauthSetPasswordForm):
    """A first password."""


class ResetPasswordForm(SaidOnce, AllauthResetPasswordForm):
    """Where the link goes."""


class ResetPasswordKeyForm(SaidOnce, AllauthResetPasswordKeyForm):
    """A new password, by the link."""


class ChangePasswordForm(SaidOnce, AllauthChangePasswordForm):
    """A new password, and a new one it must be."""

    def clean_password1(self):
        """Keeping the old one is no change."""
        chosen = self.cleaned_data["password1"]
        if chosen == self.cleaned_data.get("oldpassword"):
            raise forms.ValidationError(_("新密码不能与当前密码相同。"))
        return chosen


class FilterForm(forms.Form):
    """Filters that live in the address; a value that is not offered filters nothing."""

    def values(self):
        """What was chosen, empty where nothing or nonsense was."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}


class PeopleFilter(FilterForm):
    """Which people."""

    q = forms.CharField(
        label=_("姓名、用户名、企业、手机号后 4 位，或完整的手机号、身份证号、信用代码"),
        required=False,
        max_length=100,
    )
    kind = forms.ChoiceField(label=_("岗位"), required=False, choices=[ALL, *PostKind.choices])
    validity = forms.ChoiceField(
        label=_("在岗有效"),
        required=False,
        choices=[ALL, ("valid", _("有效")), ("ending", _("60 天内到期")), ("missing", _("无有效证明"))],
    )
    district = forms.ChoiceField(label=_("区"), required=False)
    when = forms.ChoiceField(
        label=_("任职"), required=False, choices=[("", _("在任")), ("past", _("已离任"))]
    )

    def __init__(self, *args, viewer, **kwargs):
        super().__init__(*args, **kwargs)
        _offer_districts(self, viewer)


class EnterpriseFilter(FilterForm):
    """Which enterprises."""

    q = forms.CharField(label=_("企业名称或统一社会信用代码"), required=False, max_length=100)
    district = forms.ChoiceField(label=_("区"), required=False)
    category = forms.ChoiceField(label=_("产品类别"), required=False)
    trade = forms.ChoiceField(
        label=_("生产/销售"),
        required=False,
        choices=[ALL, ("produces", _("生产单位")), ("sells", _("销售单位"))],
    )
    gap = forms.ChoiceField(
        label=_("配备情况"),
        required=False,
        choices=[
            ALL,
            ("any", _("有缺口")),
            ("vacant", _("有空缺")),
            ("unqualified", _("有人无证")),
            ("valid", _("全部有效")),
            ("owed", _("应配")),
            ("filled", _("已配齐")),
        ],
    )
    kind = forms.ChoiceField(label=_("岗位"), required=False, choices=[ALL, *PostKind.choices])
    unit = forms.SlugField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, viewer, **kwargs):
        super().__init__(*args, **kwargs)
        _offer_districts(self, viewer)
        self.fields["category"].choices = [ALL, *queries.categories_of(viewer)]


class AlertFilter(FilterForm):
    """Which alerts."""

    q = forms.CharField(label=_("企业名称或统一社会信用代码"), required=False, max_length=100)
    what = forms.ChoiceField(label=_("预警"), required=False, choices=lambda: [ALL, *telling.ALERTS.items()])
    district = forms.ChoiceField(label=_("区"), required=False)
    unit = forms.SlugField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, viewer, **kwargs):
        super().__init__(*args, **kwargs)
        _offer_districts(self, viewer)


def _offer_districts(form, viewer):
    districts = list(queries.districts_of(viewer))
    if len(districts) > 1:
        form.fields["district"].choices = [ALL, *districts]
    else:
        del form.fields["district"]


class GrantFilter(FilterForm):
    """Which role grants."""

    q = forms.CharField(label=_("姓名、用户名或单位"), required=False, max_length=100)
    role = forms.ChoiceField(label=_("角色"), required=False, choices=[ALL, *Role.choices])


class PaperInput(forms.FileInput):
    """A file of the kinds that are kept."""

    def __init__(self):
        super().__init__({"accept": ".pdf,.png,.jpg,.jpeg,.webp"})


class PaperField(forms.FileField):
    """An uploaded paper, checked by its content: gives what may be kept."""

    widget = PaperInput

    def __init__(self, **kwargs):
        kwargs.setdefault("help_text", _("PDF，或 PNG、JPEG、WebP 图片，不超过 8 MB。"))
        super().__init__(max_length=200, **kwargs)

    def clean(self, data, initial=None):
        """Refuse what may not be kept, in a sentence."""
        file = super().clean(data, initial)
        if not file:
            return None
        if file.size > papers.LARGEST:
            raise forms.ValidationError(_("文件超过 8 MB，请压缩或降低扫描分辨率后再上传。"))
        try:
            return papers.prepare(file.read(), file.name)
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from None


class WithPaper(forms.Form):
    """A form that takes a paper along: a good file is kept aside while something else is being mended, so that it is chosen once."""

    file = PaperField(label=_("文件扫描件"), required=False)
    kept = forms.RegexField(r"^[0-9a-f]{32}$", required=False, widget=forms.HiddenInput)

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by
        self.kept_name = ""

    def clean(self):
        """A file kept aside stands in for one that was not sent again."""
        token = self.cleaned_data.pop("kept", "")
        is_sent = self.cleaned_data.get("file") or "file" in self.errors
        if token and not is_sent and (found := uploads.kept(self.by, token, "paper")):
            self.cleaned_data["file"] = papers.prepare(*found)
        return self.cleaned_data

    def keep_aside(self):
        """Before the form is shown again: keep its file, and let the form name it; a refused one takes the place of the kept one."""
        if "file" in self.errors:
            self.data = self.data.copy()
            self.data["kept"] = ""
        if paper := getattr(self, "cleaned_data", {}).get("file"):
            self.data = self.data.copy()
            self.data["kept"] = uploads.keep(self.by, paper.data, paper.name, "paper")
            self.kept_name = paper.name


class PaperForm(forms.Form):
    """A file that is added to a post later."""

    role = forms.ChoiceField(
        label=_("性质"), choices=PostPaper.Role.choices, initial=PostPaper.Role.APPOINTMENT
    )
    file = PaperField(label=_("文件"))


class AppointForm(WithPaper):
    """Who takes which post, from when, by which paper."""

    name = forms.CharField(label=_("姓名"), max_length=60)
    id_number = IdNumberField(
        label=_("身份证号"),
        max_length=30,
        help_text=_("已建档的人按身份证号找到；没有建档的，将新建人员档案。"),
    )
    phone = PhoneField(
        label=_("手机号"),
        max_length=30,
        required=False,
        help_text=_("可用于登录；已建档人员的手机号不会因此改变。"),
    )
    kind = forms.ChoiceField(label=_("岗位"), choices=PostKind.choices)
    full_time = forms.TypedChoiceField(
        label=_("专职/兼职"),
        choices=[("1", _("专职")), ("0", _("兼职"))],
        coerce=lambda value: value == "1",
        initial="1",
    )
    appointed_on = DayField(label=_("任职日期"), help_text=_("最早 1980-01-01，最晚为今天之后 60 天。"))
    paper = forms.CharField(
        label=_("任命文件"), max_length=120, required=False, help_text=_("文号或文件名称。")
    )
    categories = SeveralField(
        label=_("负责的产品类别"),
        queryset=ProductCategory.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("不选即负责本企业的全部类别。"),
    )

    field_order = [
        "name",
        "id_number",
        "phone",
        "kind",
        "full_time",
        "appointed_on",
        "paper",
        "file",
        "categories",
    ]

    def __init__(self, *args, enterprise, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["categories"].queryset = enterprise.categories.all()
        first, last = appointment_bounds(timezone.localdate())
        self.fields["appointed_on"].widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}

    def clean_categories(self):
        """Nothing chosen means all."""
        return self.cleaned_data["categories"] or None


class DismissForm(WithPaper):
    """When a post ended, why, and by which paper."""

    ended_on = DayField(label=_("离任日期"), help_text=_("不晚于今天。自当日起不再算在任。"))
    reason = ReasonField(
        label=_("离任原因"), max_length=120, min_length=2, help_text=_("如：辞职、调岗、退休、解聘、停业。")
    )
    paper = forms.CharField(
        label=_("免职文件"), max_length=120, required=False, help_text=_("文号或文件名称。")
    )

    field_order = ["ended_on", "reason", "paper", "file"]


class SizeForm(forms.Form):
    """What an organ knows and rules of an enterprise's size."""

    staff = forms.IntegerField(label=_("从业人员（人）"), min_value=0, max_value=10_000_000, required=False)
    turnover = forms.IntegerField(
        label=_("年营业收入（万元）"), min_value=0, max_value=2_000_000_000, required=False
    )
    size_ruling = forms.ChoiceField(
        label=_("监管认定的规模"), required=False, choices=[("", _("按数据计算")), *Enterprise.Size.choices]
    )
    reason = ReasonField(label=_("依据"), help_text=_("如：年报数据、现场核查。写入审计记录。"))


class RevealForm(forms.Form):
    """Why somebody reads what is sealed."""

    reason = ReasonField()


class GrantForm(forms.Form):
    """Which role for whom in which unit."""

    who = forms.CharField(
        label=_("用户名、手机号或身份证号"), max_length=60, help_text=_("填写已建档人员的一项。")
    )
    name = forms.CharField(
        label=_("新建人员的姓名"),
        max_length=60,
        required=False,
        help_text=_("尚未建档时填写：将以上面的用户名新建；初始没有密码，请随后在其人员页设置初始密码。"),
    )
    role = forms.ChoiceField(label=_("角色"), choices=Role.choices)
    unit = forms.CharField(
        label=_("单位"),
        max_length=120,
        widget=forms.TextInput(
            # a name or an organ's code is no credit code; eighteen letters and digits can only be meant as one
            attrs={"list": "units", "data-check-only": "^[0-9A-Z]{18}$", **checked("uscc")}
        ),
        help_text=_("机构代码、统一社会信用代码或单位全称。"),
    )
    last_day = DayField(label=_("末日"), required=False, help_text=_("含当日；不填则一直有效，直到收回。"))

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_unit(self):
        """A unit in the administrator's reach."""
        unit = queries.find_unit(self.by, self.cleaned_data["unit"])
        if unit is None:
            raise forms.ValidationError(_("您的管理范围内没有这个单位。"))
        return unit

    def clean(self):
        """Find the person, or make sure that one can be entered."""
        who, name = self.cleaned_data.get("who", ""), self.cleaned_data.get("name", "")
        self.person = queries.find_person(who)
        if self.person is None and who and not name:
            self.add_error("who", _("没有找到这个人；如需新建，请填写姓名。"))
        if self.person and name and self.person.name != name:
            self.add_error("name", _("这个账号属于另一个姓名的人，请核对。"))
        if self.person is None and name and not is_username(who):
            self.add_error(
                "who", _("新建人员请填用户名：2 至 60 个字母、数字、点、横线或下划线，且不能全为数字。")
            )
        return self.cleaned_data


class ImportForm(forms.Form):
    """The workbook to import."""

    file = forms.FileField(
        label=_("人员工作簿"),
        help_text=_(".xlsx，或 UTF-8、GB18030 编码的 .csv，不超过 10 MB、20000 行。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def clean_file(self):
        """Not larger than a workbook of people can be."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("文件超过 10 MB，请拆分后再上传。"))
        return file
