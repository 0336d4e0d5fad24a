"""How notices, their readings and absences are told on pages."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import qr
from exams.queries import arrivals
from exams.rules import minute
from supervision import rules
from supervision.forms.notices import DecideForm, IssueForm, RescheduleForm
from supervision.models.notices import Addressee
from supervision.queries import notices as queries


def span(notice):
    """From when to when, in words."""
    start, end = timezone.localtime(notice.opens_at), timezone.localtime(notice.closes_at)
    last = end.strftime("%H:%M") if start.date() == end.date() else minute(end)
    return f"{minute(start)} — {last}"


def seat(notice):
    """Room and seat in words, or nothing."""
    return _("%(room)s %(number)s 号") % {"room": notice.room, "number": notice.seat} if notice.seat else ""


def facts(notice, registration):
    """What a notice says, in pairs of label and words."""
    return [
        (_("事项"), notice.subject),
        (_("参加人"), _("%(name)s（%(kind)s）") % {"name": registration.candidate.name, "kind": registration.post.get_kind_display()}),
        (_("企业"), registration.post.enterprise.unit.name),
        (_("时间"), span(notice)),
        (_("地点"), notice.place or _("另行通知")),
        (_("考场和座位"), seat(notice) or _("到场时安排")),
        (_("请携带"), notice.bring),
        (_("联系人"), notice.contact),
        (_("依据"), notice.legal_basis),
        (_("发出"), f"{notice.unit.name} {minute(notice.at)}"),
    ]  # fmt: skip


def pass_of(notice, registration):
    """The QR that the door reads, or nothing where nobody is checked in."""
    if notice.is_cancelled or not registration.session.is_held:
        return ""
    address = reverse("exams:arrive", args=[registration.pk, arrivals.pass_of(registration.pk)])
    return qr.svg(settings.BASE_URL + address)


def versions(notices):
    """The history of a notice: rows of the timeline, the newest first."""
    return [
        {
            "at": row.at,
            "title": _("%(serial)s 第 %(number)s 版") % {"serial": row.serial, "number": row.number},
            "text": row.why,
            "sub": _("；").join([minute(row.at), *(_("%(side)s已读 %(at)s") % {"side": one.get_side_display(), "at": minute(one.at)} for one in row.all_readings)]),
            "badge": row.get_kind_display(),
            "tone": "stop" if row.is_cancelled else "info",
        }
        for row in notices
    ]  # fmt: skip


def panel(check, people, now):
    """What the page of a case shows of notices and absences; nothing before anybody was registered."""
    if not check.session_id:
        return None
    told = queries.told(people)
    to_come = [row for row in told if rules.is_to_come(check, row.examinee, now)]
    held = [row for row in told if row.notice]
    unread = [row for row in held if row.notice.closes_at > now and not (row.by_person and row.by_enterprise)]
    seats = queries.seats_of([row.examinee for row in to_come])
    words = queries.last_words(check)
    requests = queries.requests_of(people)
    return {
        "told": len(held),
        "untold": sum(row.notice is None or row.notice.is_cancelled for row in to_come),
        "by_person": sum(row.by_person is not None for row in held),
        "by_enterprise": sum(row.by_enterprise is not None for row in held),
        "unread": unread,
        "unseated": sum(row.examinee.registration_id not in seats for row in to_come),
        "why_not": rules.why_not_notify(check, to_come),
        "may_reschedule": not rules.why_not_reschedule(check) and now < check.session.opens_at,
        "requests": [
            {"request": one, "form": DecideForm(auto_id=f"absence-{one.pk}-%s")}
            for one in requests
            if not hasattr(one, "decision")
        ],
        "decided": [one for one in requests if hasattr(one, "decision")],
        "form": IssueForm(
            auto_id="notice-%s",
            initial={"bring": words[0], "contact": words[1]} if words else {"contact": check.unit.name},
        ),
        "reschedule": RescheduleForm(
            auto_id="reschedule-%s",
            initial={
                "opens_at": timezone.localtime(check.session.opens_at),
                "closes_at": timezone.localtime(check.session.closes_at),
                "place": check.session.place,
            },
        ),
        "sides": (Addressee.PERSON, Addressee.ENTERPRISE),
    }
