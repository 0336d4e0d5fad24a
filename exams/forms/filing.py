"""Forms of the emergency answer file: bring it, and say why it shall count."""

from django import forms
from django.utils.translation import gettext_lazy as _


class FileForm(forms.Form):
    """The file that a candidate's page gave her."""

    file = forms.FileField(
        label=_("应急答卷文件"),
        help_text=_("考生页面断网时下载的文件，不超过 2 MB。先核对差异，确认后才导入。"),
    )


class AcceptForm(forms.Form):
    """Why the answers of a file shall count."""

    why = forms.CharField(
        label=_("原因"),
        max_length=200,
        help_text=_("写入操作日志和答卷的经过。请写明文件何时、从哪台设备取得。"),
    )
