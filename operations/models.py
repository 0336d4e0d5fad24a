"""Who works in the background, and when each periodic job was due last. The tasks themselves lie in django-tasks-db's table."""

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
