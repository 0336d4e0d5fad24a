"""Which sessions have fewer papers than they want."""

from django.db.models import Count, F, Q

from exams.models import ExamSession, Paper


def lacking(now):
    """Published sessions, not over, whose current set of papers is not complete."""
    standing = Count("papers", filter=Q(papers__number__gte=F("papers_from")))
    return (
        ExamSession.objects.filter(state=ExamSession.State.PUBLISHED, closes_at__gt=now)
        .annotate(papers_there=standing)
        .filter(papers_there__lt=F("papers_wanted"))
        .order_by("opens_at", "pk")
    )


def missing(session):
    """How many papers the current set of a session still lacks."""
    there = Paper.objects.filter(session=session, number__gte=session.papers_from).count()
    return max(session.papers_wanted - there, 0)
