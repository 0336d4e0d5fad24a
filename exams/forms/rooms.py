"""Forms of rooms and seats."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exams.models import Room, Seat
from exams.queries import rooms as queries


class RoomForm(forms.ModelForm):
    """A room, its seats in rows, and who looks after it."""

    supervisors = forms.CharField(
        label=gettext_lazy("监考人员"),
        max_length=400,
        required=False,
        help_text=gettext_lazy("写姓名或用户名，用顿号分开；须是组织单位或其上下级的人员。"),
    )

    class Meta:
        model = Room
        fields = ["name", "capacity", "width"]

    def __init__(self, *args, session, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.session, self.on = session, on
        self.fields["name"].widget.attrs["placeholder"] = gettext_lazy("例如：第一考场")

    def clean_name(self):
        return " ".join(self.cleaned_data["name"].split())

    def clean_supervisors(self):
        people, unclear = queries.named_to_supervise(self.session, self.cleaned_data["supervisors"], self.on)
        if unclear:
            raise forms.ValidationError(
                _("没有找到，或有同名的人：%(names)s。同名的请写用户名。") % {"names": _("、").join(unclear)}
            )
        return people


class ReseatForm(forms.Form):
    """Who gets which free seat, and why."""

    registration = forms.ModelChoiceField(
        label=gettext_lazy("考生"), queryset=None, error_messages={"required": gettext_lazy("请选择考生。")}
    )
    seat = forms.ModelChoiceField(
        label=gettext_lazy("调到空座"),
        queryset=None,
        error_messages={"required": gettext_lazy("请选择空座。")},
    )
    why = forms.CharField(
        label=gettext_lazy("理由"), max_length=200, error_messages={"required": gettext_lazy("请写明调换座位的理由。")}
    )  # fmt: skip

    def __init__(self, *args, session, **kwargs):
        super().__init__(*args, **kwargs)
        people = session.registrations.admitted().select_related("candidate", "post__enterprise__unit", "seat__room")  # fmt: skip
        self.fields["registration"].queryset = people.order_by("candidate__name", "pk")
        self.fields["registration"].label_from_instance = self._person
        free = Seat.objects.filter(room__session=session, registration__isnull=True)
        self.fields["seat"].queryset = free.select_related("room").order_by("room", "number")
        self.fields["seat"].label_from_instance = lambda seat: seat.label

    @staticmethod
    def _person(one):
        place = one.seat.label if hasattr(one, "seat") else _("还没有座位")
        return f"{one.candidate.name} · {one.post.enterprise.unit.name} · {place}"
