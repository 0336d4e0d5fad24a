"""What is filled in to sign, to refuse, to publish and to object."""

import binascii
from base64 import b64decode

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import PaperField
from supervision.models import Outcome, Side

PICTURE = "data:image/png;base64,"
MOST_TEXT = 600_000  # of a picture as the page sends it


class SignForm(forms.Form):
    """A signature: drawn, or the name typed in its place; who signs for the enterprise on another's screen says who she is."""

    name = forms.CharField(label=gettext_lazy("签字人姓名"), max_length=60)
    title = forms.CharField(label=gettext_lazy("职务"), max_length=40)
    image = forms.CharField(
        max_length=MOST_TEXT, required=False, widget=forms.HiddenInput({"data-pad-value": ""})
    )
    typed = forms.CharField(
        label=gettext_lazy("输入姓名代替手写"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("不便手写时使用；输入的姓名与手写签名同样记录时间、账号和设备。"),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args, side, signer="", **kwargs):
        super().__init__(*args, **kwargs)
        self.signer = signer
        if signer:
            del self.fields["name"]
        if side != Side.ENTERPRISE:
            del self.fields["title"]

    def clean_image(self):
        """The bytes of the drawn picture; nothing for nothing."""
        text = self.cleaned_data["image"]
        if not text:
            return b""
        if not text.startswith(PICTURE):
            raise forms.ValidationError(_("没有收到签字，请在框内签名后再提交。"))
        try:
            return b64decode(text.removeprefix(PICTURE), validate=True)
        except (binascii.Error, ValueError):
            raise forms.ValidationError(_("没有收到签字，请在框内签名后再提交。")) from None

    def clean(self):
        """Either is needed, and what is typed must be the signer's name."""
        data = super().clean()
        name = self.signer or data.get("name", "")
        if not data.get("image") and "image" not in self.errors:
            if not data.get("typed"):
                raise forms.ValidationError(_("请在框内签名，或输入姓名代替手写。"))
            if name and data["typed"].strip() != name.strip():
                self.add_error("typed", _("输入的姓名与签字人“%(name)s”不一致。") % {"name": name})
        return data

    def act_fields(self):
        """What the act wants."""
        data = self.cleaned_data
        return {
            "name": data.get("name", ""),
            "title": data.get("title", ""),
            "image": data["image"],
            "digest": data["digest"],
        }


class RefusalForm(forms.Form):
    """Who refused, why, and who saw it."""

    side = forms.ChoiceField(
        label=gettext_lazy("拒签方"),
        choices=[(Side.EXAMINEE.value, Side.EXAMINEE.label), (Side.ENTERPRISE.value, Side.ENTERPRISE.label)],
    )
    why = forms.CharField(label=gettext_lazy("拒签原因"), max_length=200)
    witness = forms.CharField(label=gettext_lazy("见证人"), max_length=60)
    witness_title = forms.CharField(
        label=gettext_lazy("见证人身份"),
        max_length=60,
        help_text=gettext_lazy("如：园区管委会工作人员、社区干部、同事。"),
    )


class ConfirmRefusalForm(forms.Form):
    """Whose refusal the second inspector bears out."""

    side = forms.ChoiceField(choices=Side.choices)


class ReasonForm(forms.Form):
    """A reason."""

    why = forms.CharField(label=gettext_lazy("原因"), max_length=200)


class RoundForm(forms.Form):
    """Which round."""

    round = forms.IntegerField(min_value=0, max_value=99, widget=forms.HiddenInput)


class CorrectForm(RoundForm):
    """Which round is published anew, and why."""

    why = forms.CharField(label=gettext_lazy("更正的原因"), max_length=200)


class WithdrawForm(RoundForm):
    """Which line of a round is taken back, or all of it, and why."""

    line = forms.ChoiceField(label=gettext_lazy("撤下"), required=False)
    why = forms.CharField(
        label=gettext_lazy("撤下的理由"),
        max_length=200,
        help_text=gettext_lazy("会公开显示，请勿写出姓名、单位或号码。"),
    )

    def __init__(self, *args, lines=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["line"].choices = [("", _("整个公示")), *lines]


class ObjectionForm(forms.Form):
    """Why somebody objects, and what bears it out."""

    why = forms.CharField(label=gettext_lazy("异议理由"), max_length=1000, widget=forms.Textarea({"rows": 4}))
    file = PaperField(label=gettext_lazy("证明材料"), required=False)


class DecisionForm(forms.Form):
    """What is decided on an objection."""

    upheld = forms.ChoiceField(
        label=gettext_lazy("处理"),
        choices=[("no", gettext_lazy("异议不成立，维持原结果")), ("yes", gettext_lazy("异议成立，更正结果"))],
    )
    conclusion = forms.ChoiceField(
        label=gettext_lazy("更正后的结论"),
        required=False,
        choices=[("", "—"), *Outcome.Conclusion.choices],
        help_text=gettext_lazy("只在异议成立时填写；更正后记录表出新版本，重新签字后更正公示。"),
    )
    why = forms.CharField(label=gettext_lazy("理由"), max_length=200)


class CompareForm(forms.Form):
    """What stands on a paper or a picture that somebody holds."""

    name = forms.CharField(
        label=gettext_lazy("手中记录上的姓名"), max_length=60, widget=forms.TextInput({"autocomplete": "off"})
    )
    points = forms.DecimalField(
        label=gettext_lazy("手中记录上的得分"),
        required=False,
        max_digits=8,
        decimal_places=2,
        help_text=gettext_lazy("缺考的不填。"),
    )
