"""The personnel file: lines that are added and never changed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.append_only import AppendOnly


class RecordKind(models.TextChoices):
    """What a line of the file tells of."""

    POST = "post", pgettext_lazy("一项", "任职")
    RESULT = "result", _("考试成绩")
    CERTIFICATE = "certificate", _("合格证明")
    TRAINING = "training", _("培训")
    SPOT_CHECK = "spot_check", _("抽查考核")


class RecordEntry(models.Model):
    """One line: (subject, number), the highest number counts; self-contained, so it can be printed in twenty years."""

    person = models.ForeignKey(
        "accounts.User", models.PROTECT, related_name="record_entries", db_index=False
    )  # the index below begins with it
    kind = models.CharField(_("类别"), max_length=16, choices=RecordKind)
    subject = models.CharField(_("事项"), max_length=120)
    number = models.PositiveIntegerField(_("序号"))
    occurred_on = models.DateField(_("日期"))
    title = models.CharField(_("标题"), max_length=200)
    facts = models.JSONField(_("内容"), default=dict)
    recorded_by = models.CharField(_("登记人"), max_length=100, blank=True)
    recorded_at = models.DateTimeField(_("登记时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("档案条目")
        ordering = ["-occurred_on", "-pk"]
        indexes = [models.Index(fields=["person", "kind", "-occurred_on"])]
        constraints = [
            models.UniqueConstraint(fields=["subject", "number"], name="record_subject_number"),
            AppendOnly(name="record_entry_append_only"),
        ]

    def __str__(self):
        return f"{self.occurred_on} {self.title}"


class Qualification(models.Model):
    """What the file says now of one certificate: the highest line of its subject, as columns.

    `records.enter_many` keeps it in the transaction of the line, one row a subject, so that nothing is ever added up under a
    lock; who counts the posts of a city asks here and does not read the files of twenty thousand people.
    """

    subject = models.CharField(max_length=120, unique=True)
    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="qualifications", db_index=False)
    kind = models.CharField(max_length=12, blank=True)  # of the post it holds for; empty for any
    in_force = models.BooleanField()
    until = models.DateField()  # its last day

    class Meta:
        verbose_name = _("持证情况")
        indexes = [
            models.Index(
                fields=["person", "kind", "until"], condition=Q(in_force=True), name="qualified_person"
            )
        ]

    def __str__(self):
        return f"{self.subject} {self.until}"
