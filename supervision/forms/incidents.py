"""What is filled in when something goes wrong while people sit."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PaperField
from accounts.inputs import MomentField
from supervision.models import Examinee, Incident


class ManyFiles(forms.FileInput):
    """A file input that takes several, as a tablet's camera gives them."""

    allow_multiple_selected = True

    def value_from_datadict(self, data, files, name):
        """All that were chosen."""
        return files.getlist(name)


class PhotosField(PaperField):
    """Several pictures or PDFs, each looked at as a paper is."""

    widget = ManyFiles

    def clean(self, data, initial=None):
        """The prepared files; what may not be kept is refused in a sentence."""
        return [super(PhotosField, self).clean(one, initial) for one in data or ()]


class IncidentForm(forms.Form):
    """One incident: whom it concerns, what it was, when, what was done, and the photographs."""

    examinee = forms.ModelChoiceField(
        label=_("涉及人员"), queryset=Examinee.objects.none(), required=False, empty_label=_("整个考场")
    )
    category = forms.ChoiceField(label=_("类别"), choices=Incident.Category)
    text = forms.CharField(label=_("经过"), max_length=2000, widget=forms.Textarea({"rows": 4}))
    happened_at = MomentField(label=_("发生时间"))
    act = forms.ModelChoiceField(
        label=_("采取的措施"), queryset=None, required=False, empty_label=_("没有办理，或另行说明")
    )
    photos = PhotosField(label=_("照片或文件"), required=False)

    def __init__(self, *args, examinees, acts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["examinee"].queryset = examinees
        self.fields["examinee"].label_from_instance = lambda one: one.registration.candidate.name
        self.fields["act"].queryset = acts
        self.fields["act"].label_from_instance = _label

    def problem(self):
        """The first thing that is wrong, as one sentence."""
        name, errors = next(iter(self.errors.items()))
        return f"{self.fields[name].label}：{errors[0]}" if name in self.fields else errors[0]


def _label(act):
    return f"{act.attempt.registration.candidate.name} · {act.get_kind_display()} {act.why}"
