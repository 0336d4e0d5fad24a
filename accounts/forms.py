"""Forms of this floor."""

from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import identifiers, queries
from accounts.exchange import appointment_bounds, is_username
from accounts.fields import IdNumberField, PhoneField, checked
from accounts.models import PostKind, Role
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


class ChangePasswordForm(AllauthChangePasswordForm):
    """A new password, and a new one it must be."""

    def clean_password1(self):
        """Keeping the old one is no change."""
        chosen = self.cleaned_data["password1"]
        if chosen == self.cleaned_data.get("oldpassword"):
            raise forms.ValidationError(_("新密码不能与当前密码相同。"))
        return chosen


class DayInput(forms.DateInput):
    """A day, by the browser's own picker."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class FilterForm(forms.Form):
    """Filters that live in the address; a value that is not offered filters nothing."""

    def values(self):
        """What was chosen, empty where nothing or nonsense was."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}


class PeopleFilter(FilterForm):
    """Which people."""

    q = forms.CharField(label=_("姓名、用户名、企业，或完整手机号、身份证号"), required=False, max_length=100)
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
        ],
    )

    def __init__(self, *args, viewer, **kwargs):
        super().__init__(*args, **kwargs)
        _offer_districts(self, viewer)
        self.fields["category"].choices = [ALL, *queries.categories_of(viewer)]


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


class AppointForm(forms.Form):
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
    appointed_on = forms.DateField(
        label=_("任职日期"), widget=DayInput, help_text=_("最早 1980-01-01，最晚为今天之后 60 天。")
    )
    paper = forms.CharField(
        label=_("任命文件"), max_length=120, required=False, help_text=_("文号或文件名称。")
    )
    categories = forms.ModelMultipleChoiceField(
        label=_("负责的产品类别"),
        queryset=ProductCategory.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("不选即负责本企业的全部类别。"),
    )

    def __init__(self, *args, enterprise, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["categories"].queryset = enterprise.categories.all()
        first, last = appointment_bounds(timezone.localdate())
        self.fields["appointed_on"].widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}

    def clean_categories(self):
        """Nothing chosen means all."""
        return self.cleaned_data["categories"] or None


class DismissForm(forms.Form):
    """When a post ended, by which paper."""

    ended_on = forms.DateField(
        label=_("离任日期"), widget=DayInput, help_text=_("不晚于今天。自当日起不再算在任。")
    )
    paper = forms.CharField(label=_("免职文件"), max_length=120, required=False)


class RevealForm(forms.Form):
    """Why somebody reads what is sealed."""

    reason = forms.CharField(
        label=_("理由"), max_length=200, min_length=4, help_text=_("理由、时间和您的姓名将写入审计记录。")
    )


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
