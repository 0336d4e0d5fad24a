"""What lessons after an exam put on pages below: on the result what helps with it, on the officer's first screen what she has not read."""

from django.utils import timezone

from accounts import panels
from courses import presenting_after
from courses.queries import after
from exams.queries.candidate import is_sitting


def of_result(request, attempt, seen):
    """Where the lessons on what an attempt missed are told, once its terms disclose what that was; the page fetches them after itself."""
    missed = attempt.current_result and attempt.current_result.points < attempt.current_result.max_points
    return {"attempt": attempt.pk} if missed and seen >= after.SHOWS else None


def of_officer(request, unit_id):
    """Lessons of her newest exam that she has not read; none while she sits one."""
    now = timezone.now()
    rows = after.unread_disclosed(request.user, now)
    if not rows or is_sitting(request.user, now):
        return None
    session = rows[0].attempt.registration.session
    return {"rows": [presenting_after.row(one) for one in rows], "session": session}


def join():
    """Put everything in its place; done once, when the floor is ready."""
    panels.add(panels.RESULT, "courses/panels/missed.html", of_result)
    panels.add(panels.OFFICER, "courses/panels/after.html", of_officer)
