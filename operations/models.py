"""Who works in the background, when each periodic job was due last, which backups were made, which alarms were told.

The tasks themselves lie in django-tasks-db's table.
"""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

GONE_AFTER = timezone.timedelta(seconds=60)  # six beats missed


class Workers(models.QuerySet):
    """Workers by whether they are still there."""

    def alive(self, now):
        """Those whose heart was heard lately."""
        return self.filter(beat_at__gt=now - GONE_AFTER)


class WorkerProcess(models.Model):
    """A process that works off the queue; it says every few seconds that it is there."""

    id = models.CharField(primary_key=True, max_length=64)
    started_at = models.DateTimeField(_("启动时间"), default=timezone.now)
    beat_at = models.DateTimeField(_("最近心跳"), default=timezone.now)

    objects = Workers.as_manager()

    class Meta:
        verbose_name = _("后台进程")

    def __str__(self):
        return self.id


class PeriodicJob(models.Model):
    """The last turn of a periodic job. One row for each job: whoever moves it on enqueues the turn, nobody else."""

    name = models.CharField(max_length=60, unique=True)
    last_at = models.DateTimeField(_("最近一次"))

    class Meta:
        verbose_name = _("定时任务")

    def __str__(self):
        return self.name


class Backup(models.Model):
    """A backup that was made, noted where every node can read it."""

    at = models.DateTimeField(db_index=True)
    node = models.CharField(max_length=255)
    path = models.TextField()
    bytes = models.BigIntegerField()
    seconds = models.FloatField()

    class Meta:
        verbose_name = _("备份")

    def __str__(self):
        return self.path


class Alarm(models.Model):
    """What is wrong, or was: as the last look found it, and as the last mail told it. `node` is empty where it is the whole house's."""

    name = models.CharField(max_length=40)
    node = models.CharField(max_length=255, blank=True)
    is_on = models.BooleanField()
    since = models.DateTimeField()
    is_told = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("报警")
        constraints = [models.UniqueConstraint(fields=["name", "node"], name="alarm_once_for_each_node")]

    def __str__(self):
        return f"{self.name} {self.node}".strip()
