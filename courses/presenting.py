"""How lessons, quizzes and courses are told on pages."""

from types import SimpleNamespace

from django.urls import reverse
from django.utils.translation import gettext as _

from courses import markup
from courses.models import Enrolment, Lesson
from courses.queries import quizzes
from exams import fragments, presenting
from exams.engine.items import ITEM_TYPES
from exams.engine.scoring import Policy

ICONS = {
    "article": "journal-text",
    "video": "play-circle",
    "document": "file-earmark-text",
    "quiz": "ui-checks",
    "live": "play-circle",
    "classroom": "people",
}
TONES = {"draft": "", "published": "ok", "withdrawn": "stop"}
ENROLMENT_TONES = {"active": "info", "completed": "ok", "cancelled": ""}
REVIEWED = ("verdicts", "keys", "rationales", "provisions")


def lesson(revision, course):
    """What the page of a lesson shows, whoever looks at it."""

    def address(file):
        return reverse("courses:file", args=[course.code, file.digest]) if file else ""

    return {
        "revision": revision,
        "kind": revision.kind,
        "kind_label": Lesson.Kind(revision.kind).label,
        "icon": ICONS[revision.kind],
        "text": markup.render(revision.body, course.code) if revision.body else "",
        "file": revision.file,
        "file_url": address(revision.file),
        "captions_url": address(revision.captions),
        "provisions": [(str(one), one.summary) for one in revision.provisions.all()],
    }


def quiz(go):
    """A go at a quiz for its page: the questions, or the review once it was handed in."""
    if go is None:
        return {"go": None}
    answer, name = getattr(go, "answer", None), quizzes.token_name(go)
    questions = []
    for place in quizzes.places(go):
        layout = ITEM_TYPES[place.type].lay_out(place.body, f"{go.seed}:{place.position}")
        said = answer.payloads.get(str(place.position), {}) if answer else {}
        face = presenting.question(name, place.position, place, layout, said)
        if answer:
            right = place_is_right(place, said)
            score = SimpleNamespace(points=int(right), fraction=int(right))
            face = presenting.verdict(face, place, score, REVIEWED)
        questions.append(face | {"is_current": True, "rule": ""})
    return {
        "go": go,
        "answer": answer,
        "questions": [] if answer else [(face, presenting.shown(face)) for face in questions],
        "reviewed": fragments.render("reviewed", questions=questions) if answer else "",
    }


def place_is_right(place, payload):
    """Whether what was said of one item is all right."""
    return ITEM_TYPES[place.type].judge(place.key, payload, Policy(), place.body) == 1


def step(one, course):
    """One lesson in a list: where it leads, how far it is."""
    if one.is_done:
        badge, tone = _("已完成"), "ok"
    elif one.seconds:
        badge, tone = (
            _("还差 %(count)s 分钟") % {"count": max(one.left, 0)} if one.left > 0 else _("待练习"),
            "info",
        )
    else:
        badge, tone = "", ""
    kind = Lesson.Kind(one.revision.kind).label
    return {
        "title": f"{one.position}. {one.revision.title}",
        "sub": _("%(kind)s · 需 %(minutes)s 分钟") % {"kind": kind, "minutes": one.revision.minutes},
        "url": reverse("courses:lesson", args=[course.code, one.revision.pk]),
        "icon": ICONS[one.revision.kind],
        "badge": badge,
        "tone": tone,
    }


def enrolment(row, progress, today):
    """One enrolment in a list of one's own or of one's people."""
    is_late = row.state == Enrolment.State.ACTIVE and row.due_on is not None and row.due_on < today
    return {
        "it": row,
        "progress": progress,
        "is_late": is_late,
        "days": (row.due_on - today).days if row.due_on else None,
        "late_by": (today - row.due_on).days if is_late else 0,
        "state_label": _("已逾期") if is_late else row.get_state_display(),
        "tone": "stop" if is_late else ENROLMENT_TONES[row.state],
    }
