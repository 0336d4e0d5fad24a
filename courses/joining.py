"""What this floor puts on first screens: to an officer what she has to learn, to a manager who is late."""

from django.utils import timezone

from accounts import panels
from courses import presenting, presenting_paths
from courses.queries import learning, team

MOST = 2


def of_officer(request, unit_id):
    """The next courses to finish, and the way to all others."""
    today = timezone.localdate()
    rows = learning.active(request.user)[:MOST]
    return {"rows": [presenting.enrolment(row, progress, today) for row, progress in rows]}


def of_walker(request, unit_id):
    """The most urgent path of her posts with its next step."""
    rows = [one for one in presenting_paths.own_paths(request.user, timezone.localdate()) if one["next"]]
    return {"rows": rows[:1]} if rows else None


def of_manager(request, unit_id):
    """How many people learn and are late; nothing where nobody learns."""
    told = team.late(request.user, unit_id, timezone.localdate())
    return told if told["active"] else None


def join():
    """Put everything in its place; done once, when the floor is ready."""
    panels.add(panels.OFFICER, "courses/panels/next.html", of_officer)
    panels.add(panels.OFFICER, "courses/panels/path.html", of_walker)
    panels.add(panels.MANAGER, "courses/panels/team.html", of_manager)
