"""What the background worker does for exams; every task may be repeated, and no exam depends on one."""

import logging

from django.utils import timezone
from django_tasks import task

from audit.transitions import Refused
from exams.actions import attempts, clusters, papers
from exams.models import Attempt, ExamSession
from exams.queries import pool

log = logging.getLogger("exams")


class Unfinished(Exception):
    """Some of many failed; the others were done. The task is tried again."""


@task()
def compose_papers(session_pk):
    """Compose what a session still lacks, chunk by chunk; a repetition goes on where the last one stopped."""
    composed = 0
    try:
        while made := papers.top_up(session_pk):
            composed += made
    except Refused as refused:  # the bank has changed since; no repetition helps, and the session has papers
        log.warning("session %s lacks papers: %s", session_pk, refused)
    return composed


@task()
def read_clusters(session_pk):
    """Lay the attempts of a large session side by side; a repetition finds the same."""
    return clusters.read(ExamSession.objects.get(pk=session_pk))


@task()
def top_up_papers():
    """Complete the papers of every session that lacks some, whatever happened to the task of its publication."""
    sessions = pool.lacking(timezone.now()).values_list("pk", flat=True)
    return _each(list(sessions), compose_papers.call)


@task()
def close_overdue():
    """Close the attempts whose time is over; any page that reads one does the same, so this only comes first."""
    due = Attempt.objects.filter(
        state=Attempt.State.IN_PROGRESS, deadline__lt=timezone.now(), paused_at__isnull=True
    )
    return _each(list(due.order_by("deadline").values_list("pk", flat=True)), _close)


def _close(pk):
    attempts.close_if_due(Attempt.objects.select_related("registration__session").get(pk=pk))


def _each(things, act):
    """Do an act for each; one that fails keeps none of the others waiting. Gives how many were done."""
    done, failed = 0, 0
    for thing in things:
        try:
            act(thing)
            done += 1
        except Exception:
            failed += 1
            log.exception("failed for %s", thing)
    if failed:
        raise Unfinished(f"{failed} of {done + failed} failed")
    return done
