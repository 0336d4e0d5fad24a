"""Forms of the desk of courses: a course, a lesson of each kind, and why one is withdrawn."""

from operator import attrgetter

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import ALL, FilterForm
from accounts.inputs import SeveralField
from accounts.models import PostKind
from catalog.models import ProductCategory
from courses.models import Course, Lesson, LessonRevision
from courses.queries import writing as queries

MOST_MINUTES = 240


class CourseFilter(FilterForm):
    """What the list of courses may be narrowed by."""

    q = forms.CharField(
        label=_("查找"), required=False, widget=forms.TextInput({"placeholder": _("课程名称或代码")})
    )
    state = forms.ChoiceField(label=_("状态"), required=False, choices=[ALL, *Course.State.choices])


class CourseForm(forms.ModelForm):
    """What a course is about, for whom it is, and where it leads; the code never changes after the first time."""

    post_kinds = forms.MultipleChoiceField(
        label=_("适用岗位"),
        choices=PostKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("都不勾选表示不限岗位。"),
    )

    class Meta:
        model = Course
        fields = [
            "name",
            "code",
            "unit",
            "summary",
            "category",
            "post_kinds",
            "bank",
            "session",
            "prerequisites",
        ]
        field_classes = {"prerequisites": SeveralField}
        help_texts = {
            "code": _("字母、数字和连字符，用在网址中。"),
            "category": _("不选表示各类产品通用。"),
            "bank": _("练习课时从这里抽题；只列出练习题库，正式试卷不会用到其中的题。"),
            "session": _("学完后自动登记到这一场次；不选则只记入档案。"),
            "prerequisites": _("学完这些课程后才能开始计时；可按住 Ctrl 多选。"),
        }

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = queries.units_of(user)
        self.fields["unit"].empty_label = None
        self.fields["category"].queryset = ProductCategory.objects.in_force(timezone.localdate())
        self.fields["category"].empty_label = _("通用")
        self.fields["category"].label_from_instance = attrgetter("label")
        self.fields["bank"].queryset = queries.banks_of(user)
        self.fields["session"].queryset = queries.sessions_of(user)
        for name in ("bank", "session"):
            self.fields[name].empty_label = _("不选")
        self.fields["prerequisites"].queryset = Course.objects.written_by(user).exclude(pk=self.instance.pk)
        if self.instance.pk:
            del self.fields["code"], self.fields["unit"]

    def clean_prerequisites(self):
        """A course is never, by whatever way, its own prerequisite."""
        chosen = self.cleaned_data["prerequisites"]
        seen, waiting = set(), [one.pk for one in chosen]
        while waiting:
            seen.update(waiting)
            found = Course.prerequisites.through.objects.filter(from_course__in=waiting)
            waiting = [pk for pk in found.values_list("to_course", flat=True) if pk not in seen]
        if self.instance.pk and self.instance.pk in seen:
            raise forms.ValidationError(_("先修课程绕了一圈又回到本课程。"))
        return chosen


class LessonForm(forms.Form):
    """One lesson; the kind decides which fields there are."""

    title = forms.CharField(label=_("标题"), max_length=120)
    minutes = forms.IntegerField(
        label=_("学习时间（分钟）"),
        min_value=1,
        max_value=MOST_MINUTES,
        help_text=_("认真学完需要的时间；核定学时以此为上限。"),
    )
    items = forms.IntegerField(label=_("题数"), min_value=1, max_value=50)
    file = forms.FileField(label=_("文件"), max_length=200)
    captions = forms.FileField(
        label=_("字幕"), required=False, max_length=200, help_text=_("WebVTT（.vtt），UTF-8 编码。")
    )
    body = forms.CharField(
        label=_("正文"),
        widget=forms.Textarea({"rows": 18}),
        max_length=60_000,
        help_text=_("Markdown：## 小标题、- 列表、**强调**、> 引文、表格。"),
    )
    picture = forms.FileField(
        label=_("插入图片"),
        required=False,
        max_length=200,
        help_text=_("PNG、JPEG、WebP 或 SVG，不超过 3 MB；保存后出现在正文末尾，可移到需要的位置。"),
    )
    provisions = SeveralField(
        label=_("依据条款"),
        queryset=None,
        required=False,
        widget=forms.SelectMultiple({"size": 8}),
        help_text=_("按住 Ctrl 可多选。"),
    )

    FIELDS = {
        Lesson.Kind.ARTICLE: ("title", "minutes", "body", "picture", "provisions"),
        Lesson.Kind.VIDEO: ("title", "minutes", "file", "captions", "body", "picture", "provisions"),
        Lesson.Kind.DOCUMENT: ("title", "minutes", "file", "body", "picture", "provisions"),
        Lesson.Kind.QUIZ: ("title", "minutes", "items", "body", "provisions"),
        Lesson.Kind.LIVE: ("title", "minutes", "body", "picture", "provisions"),
        Lesson.Kind.CLASSROOM: ("title", "minutes", "body", "picture", "provisions"),
    }
    FILE_HELP = {
        Lesson.Kind.VIDEO: _("MP4 或 WebM，不超过 300 MB。"),
        Lesson.Kind.DOCUMENT: _("PDF，不超过 8 MB。"),
    }

    def __init__(self, *args, kind, current=None, **kwargs):
        self.kind, self.current = kind, current
        super().__init__(*args, initial=self._known() | kwargs.pop("initial", {}), **kwargs)
        self.fields["provisions"].queryset = queries.provisions_on(timezone.localdate())
        for name in set(self.fields) - set(self.FIELDS[kind]):
            del self.fields[name]
        self.order_fields(self.FIELDS[kind])
        self.fields["body"].required = kind == Lesson.Kind.ARTICLE
        if "file" in self.fields:
            self.fields["file"].required = current is None
            self.fields["file"].help_text = self.FILE_HELP[kind]

    def _known(self):
        if self.current is None:
            return {}
        names = ("title", "minutes", "items", "body")
        return {name: getattr(self.current, name) for name in names} | {
            "provisions": list(self.current.provisions.values_list("pk", flat=True))
        }

    def fields_said(self):
        """What the act takes besides files."""
        names = {field.name for field in LessonRevision._meta.fields}
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name in names and name not in ("file", "captions")
        }


class PublishForm(forms.Form):
    """What is new in an edition."""

    note = forms.CharField(label=_("本版说明"), required=False, max_length=200)


class WithdrawForm(forms.Form):
    """Why a course is withdrawn."""

    why = forms.CharField(label=_("撤下理由"), max_length=200, widget=forms.Textarea({"rows": 2}))
