"""Forms of the table of specifications: the header, and one small form for each line."""

from django import forms
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts import scope
from accounts.forms import ALL, FilterForm
from accounts.models import Role, Unit
from exams.forms.bank import AUDIENCES, type_choices
from exams.models import Blueprint, BlueprintLine, Difficulty, Item, ItemBank, Topic

NO_FILTER = [("", _("不限"))]
MOST_LINES = 60


class BlueprintFilter(FilterForm):
    """What the list of blueprints may be narrowed by."""

    q = forms.CharField(
        label=_("查找"), required=False, widget=forms.TextInput({"placeholder": _("蓝图名称或代码")})
    )
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[ALL, *Blueprint.State.choices])


class BlueprintForm(forms.ModelForm):
    """Code, name and unit; the code never changes after the first time."""

    class Meta:
        model = Blueprint
        fields = ["name", "code", "unit"]

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].label = _("主管单位")
        self.fields["unit"].queryset = Unit.objects.filter(
            scope.within(user, Role.EDITOR, path="path"), kind=Unit.Kind.ORGAN
        )
        self.fields["code"].help_text = _("字母、数字和连字符，用在网址中。")
        if self.instance.pk:
            del self.fields["code"], self.fields["unit"]


class Choices:
    """Banks and topics that a person may draw from, loaded once for all lines; two queries."""

    def __init__(self, user):
        roles = (Role.EDITOR, Role.REVIEWER, Role.REGULATOR, Role.ADMIN)
        own = scope.within(user, *roles)
        higher = scope.paths_above(user, *roles)
        self.banks = {
            str(b.pk): b for b in ItemBank.objects.filter(own | Q(unit__path__in=higher), is_practice=False)
        }
        topics = (
            Topic.objects.filter(bank__in=self.banks.keys())
            .select_related("bank")
            .order_by("bank__code", "pk")
        )
        self.topics = {str(topic.pk): topic for topic in topics}

    @cached_property
    def bank_choices(self):
        """The banks for a select."""
        return [*NO_FILTER, *((pk, bank.name) for pk, bank in self.banks.items())]

    @cached_property
    def topic_choices(self):
        """The topics for a select, grouped by bank."""
        groups = {}
        for pk, topic in self.topics.items():
            groups.setdefault(topic.bank.name, []).append((pk, topic.name))
        return [*NO_FILTER, *groups.items()]


class LineForm(forms.Form):
    """One line: so many items of such a kind for so many points each."""

    section = forms.CharField(
        label=_("部分"), max_length=80, widget=forms.TextInput(attrs={"placeholder": _("如 单选题")})
    )
    count = forms.IntegerField(label=_("题数"), min_value=1, max_value=500, initial=10)
    points = forms.DecimalField(
        label=_("每题分值"), min_value=0.01, max_value=100, decimal_places=2, initial=2
    )
    bank = forms.ChoiceField(label=_("题库"), required=False)
    topic = forms.ChoiceField(label=_("知识点"), required=False)
    type = forms.ChoiceField(label=_("题型"), choices=lambda: [*NO_FILTER, *type_choices()], required=False)
    difficulty = forms.ChoiceField(label=_("难度"), choices=[*NO_FILTER, *Difficulty.choices], required=False)
    audience = forms.MultipleChoiceField(
        label=_("适用对象"), choices=AUDIENCES, required=False, widget=forms.CheckboxSelectMultiple
    )
    item = forms.CharField(
        label=_("指定试题"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("题目编号")}),
    )

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.choices = choices
        self.fields["bank"].choices = choices.bank_choices
        self.fields["topic"].choices = choices.topic_choices

    @staticmethod
    def initial_of(row):
        """Give the form's initial values of a line."""
        points = row.points.normalize()
        return {
            "section": row.section,
            "count": row.count,
            "points": f"{points:f}",
            "bank": str(row.bank_id or (row.item.bank_id if row.item_id else "")),
            "topic": str(row.topic_id or ""),
            "type": row.type,
            "difficulty": row.difficulty,
            "audience": row.audience,
            "item": row.item.code if row.item_id else "",
        }

    def clean(self):
        """A topic stands in its own bank; a picked item stands alone in its line."""
        data = self.cleaned_data
        bank, topic = self.choices.banks.get(data.get("bank")), self.choices.topics.get(data.get("topic"))
        if bank and topic and topic.bank_id != bank.pk:
            self.add_error("topic", _("这个知识点不在所选题库中。"))
        data["picked"] = None
        if data.get("item"):
            if bank is None:
                self.add_error("bank", _("指定试题时请选择它所在的题库。"))
            else:
                data["picked"] = (
                    Item.objects.select_related("bank").filter(bank=bank, code=data["item"]).first()
                )
                if data["picked"] is None:
                    self.add_error("item", _("题库中没有这个编号。"))
            if data.get("count") not in (None, 1):
                self.add_error("count", _("指定试题的一行只能是 1 题。"))
        return data

    def row(self, position):
        """Give the line, not yet saved."""
        data = self.cleaned_data
        return BlueprintLine(
            position=position,
            section=data["section"],
            count=data["count"],
            points=data["points"],
            bank=self.choices.banks.get(data["bank"]),
            topic=self.choices.topics.get(data["topic"]),
            type=data["type"],
            difficulty=data["difficulty"],
            audience=data["audience"],
            item=data["picked"],
        )


class LineForms:
    """The lines of the page: bound to what was typed, or filled from rows."""

    def __init__(self, choices, *, rows=None, data=None):
        self.choices, self.data = choices, data
        if data is None:
            initials = [LineForm.initial_of(row) for row in rows] or [{}]
            self.forms = [self._form(n, initial=initial) for n, initial in enumerate(initials)]
        else:
            count = data.get("lines", "")
            count = min(int(count), MOST_LINES) if count.isdecimal() else 0
            self.forms = [self._form(n, data=data) for n in range(count)]

    def _form(self, n, **how):
        return LineForm(prefix=f"line-{n}", choices=self.choices, **how)

    def is_valid(self):
        """Whether every line is sound; all are looked at."""
        return all([form.is_valid() for form in self.forms])  # noqa: C419 every form must be asked

    def rows(self):
        """Give the sound lines, not yet saved, in order."""
        sound = (form for form in self.forms if form.is_valid())
        return [form.row(position) for position, form in enumerate(sound, 1)]

    def retyped(self, *, add=False, remove=None):
        """Give the same lines with one more or one less, as they were typed and not yet judged."""
        typed = [self._typed(form) for n, form in enumerate(self.forms) if n != remove]
        if add and len(typed) < MOST_LINES:
            typed.append({name: typed[-1].get(name, "") for name in ("section", "bank")} if typed else {})
        made = LineForms(self.choices, rows=[])
        made.forms = [made._form(n, initial=initial) for n, initial in enumerate(typed)]
        return made

    @staticmethod
    def _typed(form):
        return {name: form[name].value() for name in form.fields}
