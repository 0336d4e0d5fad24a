"""Laying the attempts of a large session side by side, in the background: asked for, read, kept until the next time."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from audit.transitions import Refused
from exams.models import ClusterReading, ExamSession
from exams.queries import clusters as queries

PATIENCE = timedelta(minutes=5)  # after which whoever waits may ask again


def is_waiting(reading, now):
    """Whether somebody asked and the worker has not come to it."""
    is_behind = reading is not None and (reading.read_at is None or reading.read_at < reading.asked_at)
    return is_behind and now - reading.asked_at < PATIENCE


@transaction.atomic
def ask(session, *, by, now=None):
    """Note that a session is to be read; refused while a reading is under way."""
    now = now or timezone.now()
    ExamSession.objects.select_for_update(no_key=True).get(pk=session.pk)
    before = ClusterReading.objects.filter(session=session).first()
    if is_waiting(before, now):
        raise Refused(_("正在后台统计，请稍候。"))
    reading, _made = ClusterReading.objects.update_or_create(session=session, defaults={"asked_at": now})
    record("clusters.asked", session, by=by)
    return reading


def read(session, *, now=None):
    """Read a session and keep what was found; a repetition finds the same."""
    now = now or timezone.now()
    count = queries.over(session).count()
    found = queries.stored(queries.clusters(session))
    ClusterReading.objects.filter(session=session).update(read_at=now, attempts=count, found=found)
    return count
