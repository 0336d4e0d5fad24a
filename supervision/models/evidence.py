"""Files of a case: photographs, scans, reports. Each hangs on one thing of the case and is only added."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import papers
from audit.append_only import AppendOnly
from supervision.models.checks import SpotCheck


class Evidence(models.Model):
    """One file; `subject` names what it proves as the log does, say "incident:5". The same file at the same thing is kept once."""

    check_of = models.ForeignKey(SpotCheck, models.PROTECT, related_name="evidence")
    subject = models.CharField(max_length=60)
    name = models.CharField(_("文件名"), max_length=120)
    kind = models.CharField(max_length=4)
    size = models.PositiveIntegerField(_("大小"))
    digest = models.CharField(_("摘要"), max_length=64)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("上传时间"), default=timezone.now)

    class Meta:
        verbose_name = _("证据文件")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["subject", "digest"], name="evidence_once"),
            AppendOnly(name="evidence_append_only"),
        ]

    def __str__(self):
        return self.name

    @property
    def path(self):
        """Where it lies below MEDIA_ROOT."""
        return papers.path_of(self.digest, self.kind)
