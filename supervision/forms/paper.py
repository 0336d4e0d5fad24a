"""What is typed in from paper."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import LARGEST_FILE, PaperField, WithPaper
from accounts.inputs import DayField
from supervision.models import PaperReview, PrintedForm
from supervision.queries import paper as queries
from supervision.queries.written import KEY, PAPER, SHEETS, Written

TOTAL = "total"


class PrintForm(forms.Form):
    """What of which form is printed; the key before the exam opens asks why."""

    letter = forms.ChoiceField(label=_("卷别"), choices=PrintedForm.Letter.choices)
    what = forms.ChoiceField(
        label=_("打印内容"), choices=[(PAPER, _("试卷")), (SHEETS, _("答题卡")), (KEY, _("标准答案和评分表"))]
    )
    why = forms.CharField(label=_("提前打印答案的理由"), max_length=200, required=False)


class WrittenForm(WithPaper):
    """One examinee's answer sheet cell by cell, or the total of an outside exam."""

    held_on = DayField(label=_("考试日期"))
    points = forms.DecimalField(label=_("得分"), min_value=0, max_digits=8, decimal_places=2)
    max_points = forms.DecimalField(label=_("满分"), min_value=1, max_digits=8, decimal_places=2)
    holder = forms.CharField(label=_("组织考试的单位"), max_length=120)
    why = forms.CharField(label=_("更正的原因"), max_length=200)

    def __init__(self, *args, form, before, said=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.form = form
        self.fields["held_on"].initial = timezone.localdate()
        self.fields["file"].label = _("答题卡或成绩单的扫描件")
        self.fields["file"].required = not before and not self.data.get("kept")
        self.fields["file"].error_messages["required"] = _("请上传答题卡或成绩单的扫描件；没有录入。")
        if not before:
            del self.fields["why"]
        if form:
            for name in ("points", "max_points", "holder"):
                del self.fields[name]
            for cell in queries.cells_of(form):
                self.fields[cell.name] = forms.CharField(
                    label=cell.number,
                    required=False,
                    max_length=500,
                    initial=(said or {}).get(cell.name, ""),
                    widget=forms.TextInput(
                        attrs={"class": "form-control", "autocomplete": "off", "autocapitalize": "characters"}
                    ),
                )

    def cells(self):
        """The fields of the answer sheet with their cells."""
        return [(self[cell.name], cell) for cell in queries.cells_of(self.form)] if self.form else []

    def written(self):
        """What was typed in."""
        data = self.cleaned_data
        if self.form:
            cells = {cell.name: data.get(cell.name, "") for cell in queries.cells_of(self.form)}
            return Written(data["held_on"], form=self.form, cells=cells)
        return Written(
            data["held_on"], points=data["points"], max_points=data["max_points"], holder=data["holder"]
        )

    def scans(self):
        """The scan that came along, if one did."""
        return [self.cleaned_data["file"]] if self.cleaned_data.get("file") else []


class PaperReviewForm(forms.Form):
    """What the second person found."""

    verdict = forms.ChoiceField(
        label=_("复核结论"),
        choices=PaperReview.Verdict.choices,
        error_messages={"required": _("请选择复核结论。")},
    )
    why = forms.CharField(label=_("原因（退回或不予采用时必填）"), max_length=200, required=False)


class BookForm(forms.Form):
    """A filled-in workbook with the scans that prove it."""

    book = forms.FileField(
        label=_("填好的表格"),
        max_length=200,
        widget=forms.FileInput({"accept": ".xlsx,.csv"}),
        help_text=_("用本页下载的表格填写，不超过 10 MB。"),
    )
    scan = PaperField(label=_("答题卡或成绩单的扫描件"))

    def clean_book(self):
        """Not too large."""
        file = self.cleaned_data["book"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("文件超过 10 MB，请分成几个文件导入。"))
        return file
