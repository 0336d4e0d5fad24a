"""Forms of the bank desk."""

from operator import attrgetter

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import scope
from accounts.inputs import DayField, SeveralField
from accounts.models import Unit
from accounts.permissions import roles
from catalog.models import ProductCategory
from exams.drafts import UNSORTED
from exams.engine.exchange import Draft, columns
from exams.engine.items import ITEM_TYPES
from exams.models import Difficulty, Item, ItemBank, Topic

ANY = [("", _("全部"))]
AUDIENCES = [(code, _(spellings[0])) for code, spellings in columns.AUDIENCES.items()]
DERIVED_FROM_PARTS = ("topic", "difficulty", "points", "basis", "clause")


def type_choices():
    """Give the item types by code."""
    return [(code, _(kind.label)) for code, kind in ITEM_TYPES.items()]


class FilterForm(forms.Form):
    """Filters of a bank's list; they live in the address, and what makes no sense is left out."""

    q = forms.CharField(
        label=_("搜索"), required=False, widget=forms.TextInput(attrs={"placeholder": _("题干、编号或法规")})
    )
    state = forms.ChoiceField(label=_("状态"), choices=[*ANY, *Item.State.choices], required=False)
    type = forms.ChoiceField(label=_("题型"), choices=lambda: [*ANY, *type_choices()], required=False)
    topic = forms.ModelChoiceField(
        label=_("知识点"), queryset=Topic.objects.none(), required=False, empty_label=_("全部")
    )
    difficulty = forms.ChoiceField(label=_("难度"), choices=[*ANY, *Difficulty.choices], required=False)
    audience = forms.ChoiceField(label=_("适用对象"), choices=[*ANY, *AUDIENCES], required=False)
    category = forms.ModelChoiceField(
        label=_("产品类别"), queryset=ProductCategory.objects.none(), required=False, empty_label=_("全部")
    )

    def __init__(self, data, *, bank):
        super().__init__(data)
        self.fields["topic"].queryset = bank.topics.all()
        self.fields["category"].queryset = ProductCategory.objects.filter(items__bank=bank).distinct()
        self.fields["category"].label_from_instance = attrgetter("label")

    @property
    def chosen(self):
        """What was chosen and makes sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


TAKEN = ("new", "template")  # words that stand in the addresses of the desk


class BankForm(forms.ModelForm):
    """A new bank: whose it is, for what, and whether its items are shown with their keys."""

    is_practice = forms.TypedChoiceField(
        label=_("用途"),
        choices=[
            ("", _("考试题库：只供组卷，答案不给学员看")),
            ("1", _("练习题库：题和答案都给学员看，不进入任何试卷")),
        ],
        required=False,
        coerce=bool,
        empty_value=False,
        widget=forms.RadioSelect,
        help_text=_("建立后不能再改：给人看过答案的题不能进试卷，试卷要用的题不能给人看。"),
    )

    class Meta:
        model = ItemBank
        fields = ["name", "code", "unit", "category", "description", "is_practice"]
        help_texts = {"code": _("字母、数字和连字符，用在网址中。")}

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.filter(
            scope.within(user, *roles("banks.write"), path="path"), kind=Unit.Kind.ORGAN
        ).order_by("code")
        self.fields["unit"].empty_label = None
        self.fields["category"].queryset = ProductCategory.objects.in_force(timezone.localdate())
        self.fields["category"].empty_label = _("通用")
        self.fields["category"].label_from_instance = attrgetter("label")
        for bound in self:
            if not isinstance(bound.field.widget, forms.RadioSelect):
                bound.field.widget.attrs.setdefault("class", "form-control")

    def clean_code(self):
        """No word of the desk's own addresses."""
        if self.cleaned_data["code"] in TAKEN:
            raise forms.ValidationError(_("这个代码不能使用，请换一个。"))
        return self.cleaned_data["code"]


class ItemForm(forms.Form):
    """What items of every type have in common."""

    code = forms.CharField(
        label=_("题目编号"), max_length=40, help_text=_("同一题库内不重复，保存后不再改变。")
    )
    stem = forms.CharField(
        label=_("题干"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("可用 Markdown：**加粗**、表格、H~2~O、m^2^。"),
    )
    rationale = forms.CharField(label=_("解析"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    topic = forms.CharField(
        label=_("知识点"),
        max_length=80,
        required=False,
        help_text=_("没有的会自动新建。"),
        widget=forms.TextInput(attrs={"list": "topics"}),
    )
    difficulty = forms.ChoiceField(label=_("难度"), choices=Difficulty.choices, initial=Difficulty.MEDIUM)
    points = forms.DecimalField(
        label=_("建议分值"), min_value=0.01, max_value=1000, decimal_places=2, initial=2
    )
    basis = forms.CharField(
        label=_("法规依据"),
        max_length=300,
        required=False,
        help_text=_("名称写在《》里，多部法规用分号隔开。"),
    )
    clause = forms.CharField(
        label=_("条款"), max_length=200, required=False, help_text=_("如 第十五条；与法规依据的顺序一致。")
    )
    categories = SeveralField(
        label=_("产品类别"),
        queryset=ProductCategory.objects.filter(valid_to__isnull=True),
        required=False,
        help_text=_("不选表示适用于全部产品。"),
        widget=forms.SelectMultiple(attrs={"size": 5}),
    )
    audience = forms.MultipleChoiceField(
        label=_("适用对象"),
        choices=AUDIENCES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("不选表示不限。"),
    )
    in_force_from = DayField(label=_("生效日"), required=False)
    in_force_to = DayField(label=_("失效日"), required=False)
    checked = forms.CharField(label=_("核实情况"), max_length=200, required=False)
    source = forms.CharField(label=_("来源"), max_length=200, required=False)
    remark = forms.CharField(label=_("备注"), max_length=500, required=False)

    NOTES = {"checked": columns.CHECKED, "source": columns.SOURCE, "remark": columns.REMARK}

    def __init__(self, *args, kind, item=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind, self.item = kind, item
        self.fields["categories"].label_from_instance = attrgetter("label")
        if kind == "case":
            self.fields["stem"].label = _("案例材料")
            for name in (*DERIVED_FROM_PARTS, *self.NOTES):
                del self.fields[name]
        if kind == "blank":
            self.fields["stem"].help_text = _("每个空写作 ____（至少三个下划线）。可用 Markdown。")
        if item is not None:
            del self.fields["code"]
        for bound in self:
            if not isinstance(bound.field.widget, forms.CheckboxSelectMultiple):
                bound.field.widget.attrs.setdefault("class", "form-control")

    @classmethod
    def initial_of(cls, draft, categories):
        """Give the form's initial values of a draft."""
        values = {name: getattr(draft, name) for name in cls.base_fields if hasattr(draft, name)}
        values |= {name: draft.notes.get(column, "") for name, column in cls.NOTES.items()}
        values["topic"] = "" if draft.topic == UNSORTED else draft.topic
        values["points"] = draft.points.normalize() if draft.points % 1 else int(draft.points)
        values["categories"] = [row.pk for name in draft.categories if (row := categories.find(name))]
        return values

    def clean(self):
        """The days must be in order."""
        since, until = self.cleaned_data.get("in_force_from"), self.cleaned_data.get("in_force_to")
        if since and until and until < since:
            self.add_error("in_force_to", _("失效日早于生效日。"))
        return self.cleaned_data

    def draft(self, body, key):
        """Give the draft; a case takes topic, difficulty, points and basis from its parts when it is kept."""
        data = self.cleaned_data
        kept = dict(self.item.current.notes) if self.item else {}
        for name, column in self.NOTES.items():
            if name in data:
                kept.pop(column, None)
                kept |= {column: data[name]} if data[name] else {}
        code = self.item.code if self.item else data["code"]
        for number, part in enumerate(body.get("parts", ()), 1):
            part["code"] = part["code"] or f"{code}-{number}"
        return Draft(
            code=code,
            type=self.kind,
            stem=data["stem"],
            body=body,
            key=key,
            rationale=data["rationale"],
            topic=data.get("topic", ""),
            difficulty=data.get("difficulty", "medium"),
            points=data.get("points"),
            categories=tuple(row.name for row in data["categories"]),
            audience=tuple(code for code, _label in AUDIENCES if code in data["audience"]),
            basis=data.get("basis", ""),
            clause=data.get("clause", ""),
            in_force_from=data["in_force_from"],
            in_force_to=data["in_force_to"],
            notes=kept,
        )


class ImportForm(forms.Form):
    """A file with items."""

    file = forms.FileField(
        label=_("试题文件"), help_text=_("Excel（.xlsx）、CSV，或含表格和图片的 .zip；不超过 12 MB。")
    )
