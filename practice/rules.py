"""What depends on state and time, as a reason or nothing: the page shows it, the button greys by it, the act raises it."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from exams.queries.candidate import is_sitting

GRACE = timedelta(minutes=1)  # for the network, after the time of a mock exam
SIZES = (10, 20, 50)


def why_not_practise(user, now=None):
    """Why somebody may not practise at this moment."""
    if is_sitting(user, now or timezone.now()):
        return _("您正在考试，交卷以后再练习。")
    return ""


def why_not_begin(user, pool, now=None):
    """Why no mock exam may begin."""
    if reason := why_not_practise(user, now):
        return reason
    return "" if pool else _("还没有适合您岗位的练习题。")


def ends_at(mock):
    """When the time of a mock exam is over."""
    return mock.begun_at + timedelta(minutes=mock.minutes)


def is_over(mock, now):
    """Whether its time and the network's grace are over."""
    return now > ends_at(mock) + GRACE
