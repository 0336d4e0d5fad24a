"""The papers of a post: scans and PDFs that are added and never changed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import papers
from audit.append_only import AppendOnly


class PostPaper(models.Model):
    """One file at one post; a wrong one is answered by the next, not removed."""

    class Role(models.TextChoices):
        APPOINTMENT = "appointment", _("任命文件")
        DISMISSAL = "dismissal", _("离任文件")
        OTHER = "other", _("补充材料")

    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="papers", db_index=False)
    number = models.PositiveIntegerField(_("序号"))
    role = models.CharField(_("性质"), max_length=12, choices=Role)
    name = models.CharField(_("文件名"), max_length=120)
    kind = models.CharField(max_length=4)
    size = models.PositiveIntegerField(_("大小"))
    digest = models.CharField(_("摘要"), max_length=64)
    added_by = models.CharField(_("上传人"), max_length=100)
    added_at = models.DateTimeField(_("上传时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("任职文件")
        ordering = ["post", "number"]
        constraints = [
            models.UniqueConstraint(fields=["post", "number"], name="post_paper_number"),
            AppendOnly(name="post_paper_append_only"),
        ]

    def __str__(self):
        return self.name

    @property
    def path(self):
        """Where it lies below MEDIA_ROOT."""
        return papers.path_of(self.digest, self.kind)
