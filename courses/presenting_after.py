"""How a suggested lesson is told on pages: what it is, and because of what it stands there."""

from django.urls import reverse
from django.utils.translation import gettext as _

from courses.models import Lesson
from courses.presenting import ICONS
from exams.templatetags.exam_words import plain


def reason(suggestion):
    """Why this lesson, in a sentence."""
    points = plain(suggestion.points)
    if suggestion.topic is None:
        return _("您在%(provision)s的题目上失 %(points)s 分。") % {
            "provision": suggestion.provision,
            "points": points,
        }
    return _("您在知识点“%(topic)s”的题目上失 %(points)s 分，这一课讲同一知识点的%(provision)s。") % {
        "topic": suggestion.topic.name,
        "points": points,
        "provision": suggestion.provision,
    }


def row(suggestion):
    """One suggested lesson in a list: where it leads, how long it is, why it is there, whether it was read."""
    revision = suggestion.revision
    kind = Lesson.Kind(revision.kind)
    is_read = getattr(suggestion, "reading", None) is not None
    return {
        "title": revision.title,
        "sub": _("%(kind)s · 约 %(minutes)s 分钟 · %(why)s")
        % {"kind": kind.label, "minutes": revision.minutes, "why": reason(suggestion)},
        "url": reverse("courses:suggested", args=[suggestion.pk]),
        "icon": ICONS[revision.kind],
        "badge": _("已读") if is_read else "",
        "tone": "ok",
    }
