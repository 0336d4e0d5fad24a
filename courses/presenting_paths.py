"""How bulk assignments, paths and hours are told."""

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from courses.models import Assignment, PathStep
from courses.queries import paths

TONES = {"waiting": "info", "done": "ok", "stopped": "stop"}
STAND_TONES = {"done": "ok", "late": "stop", "begun": "info", "open": ""}


def outlook(reaches, people):
    """What an assignment would do, in figures."""
    return {
        "rows": reaches,
        "people": people,
        "courses": len(reaches),
        "fresh": sum(one.fresh for one in reaches),
        "held": sum(one.held for one in reaches),
        "why_not": ""
        if any(one.fresh for one in reaches)
        else _("没有需要新安排的人员：符合条件的人都已在学或已学完。"),
    }


def assignment(one):
    """One bulk assignment."""
    return {
        "one": one,
        "names": _("、").join(course.name for course in one.courses.all()),
        "tone": TONES[one.state],
        "label": one.get_state_display(),
        "is_done": one.state == Assignment.State.DONE,
        "share": one.given * 100 // one.total if one.total else 0,
    }


def standing(stand):
    """One step of one person: what it is called here, its colour, its day."""
    if stand.is_done:
        word, label = "done", _("已完成")
    elif stand.is_late:
        word, label = "late", _("已逾期")
    elif stand.is_begun:
        word, label = "begun", _("进行中")
    else:
        word, label = "open", _("未开始")
    return {
        "stand": stand,
        "kind": stand.known.step.get_kind_display(),
        "name": stand.known.name,
        "label": label,
        "tone": STAND_TONES[word],
        "due_on": None if stand.is_done else stand.due_on,
        "is_late": stand.is_late,
    }


def own_path(path, post, stands, today):
    """A path of one's own: its steps, and the one that comes next with the way to it."""
    left = [one for one in stands if not one.is_done]
    after = left[0] if left else None
    return {
        "path": path,
        "post": post,
        "steps": [standing(one) for one in stands],
        "done": len(stands) - len(left),
        "count": len(stands),
        "next": standing(after) if after else None,
        "days": (after.due_on - today).days if after else None,
        "late_by": (today - after.due_on).days if after and after.is_late else 0,
        "badge": _("已逾期") if after and after.is_late else "",
        "url": address(after) if after else "",
    }


def address(stand):
    """Where a step is done."""
    known = stand.known
    if known.step.kind in (PathStep.Kind.COURSE, PathStep.Kind.QUIZ):
        return reverse("courses:course", args=[known.thing.code])
    return reverse("exams:mine")


def own_paths(user, today):
    """The paths of one's posts, those with something to do first and of these the most urgent."""
    told = [own_path(*row, today) for row in paths.own(user, today)]
    return sorted(
        told, key=lambda one: (one["next"] is None, one["next"]["due_on"] if one["next"] else today)
    )


def figures(told, year, unit, course=""):
    """The figures of a place or course, each with the address of the list behind it."""
    base = {"unit": unit, "year": year} | ({"course": course} if course else {})
    lead = reverse("courses:hours_people")

    def listed(**more):
        return f"{lead}?{urlencode(base | more)}"

    return {
        "told": told,
        "late": told.late,
        "all_url": listed(),
        "active_url": listed(state="active"),
        "late_url": listed(state="late"),
        "completed_url": listed(state="completed"),
    }
