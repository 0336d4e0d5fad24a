"""Certificates with their worth today."""

import hashlib
import json
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import queries as accounts_queries
from accounts import staffing, telling
from accounts.models import PostKind
from certificates import validity
from certificates.models import Certificate

TONES = {"in_force": "ok", "expired": "warn", "suspended": "warn", "revoked": "stop", "replaced": ""}


def with_relations(certificates):
    """Everything a list or a page reads of certificates."""
    return certificates.select_related("holder", "scheme", "post__enterprise__unit", "replaced_by")


def list_certificates(user, *, q="", state="", today):
    """The certificates of the people whom somebody looks after by her filters, the newest first."""
    rows = with_relations(Certificate.objects.seen_by(user))
    if text := q.strip():
        rows = rows.filter(
            Q(number__icontains=text)
            | Q(holder__name__icontains=text)
            | Q(post__enterprise__unit__name__icontains=text)
        )
    if state:
        rows = rows.filter(_worth_now(state, today))
    return rows.order_by("-issued_on", "-pk")


def _worth_now(state, today):
    """The same rule as `validity.state`, for the database."""
    living = Q(replaced_by__isnull=True)
    return {
        "in_force": living & Q(state="in_force", expires_on__gte=today),
        "expiring": living
        & Q(state="in_force", expires_on__range=(today, today + timedelta(days=staffing.SOON))),
        "expired": living & Q(state__in=("in_force", "suspended"), expires_on__lt=today),
        "suspended": living & Q(state="suspended", expires_on__gte=today),
        "revoked": Q(state="revoked"),
        "replaced": Q(replaced_by__isnull=False) & ~Q(state="revoked"),
    }[state]


def worth(certificate, today=None):
    """What a certificate is worth today: code, label, sentence and tone."""
    today = today or timezone.localdate()
    verdict = validity.verdict(
        certificate.state,
        certificate.issued_on,
        certificate.expires_on,
        today,
        replacement(certificate) is not None,
    )
    return {
        "code": verdict.code,
        "label": _(verdict.label),
        "sentence": _(verdict.sentence),
        "tone": TONES[verdict.code],
        "days_left": staffing.days_left(certificate.expires_on, today),
        "is_ending": verdict.counts and staffing.is_ending(certificate.expires_on, today),
    }


def replacement(certificate):
    """The certificate that stands in its place, or None."""
    try:
        return certificate.replaced_by
    except Certificate.DoesNotExist:
        return None


def personnel_file(person, viewer, on):
    """The plain context of the printed personnel file: one's own whole, of others what the viewer sees on the pages."""
    posts, certificates = person.posts.all(), Certificate.objects.of(person)
    if viewer != person:
        posts = accounts_queries.posts_seen_by(viewer).filter(person=person)
        certificates = certificates.filter(pk__in=Certificate.objects.seen_by(viewer).values("pk"))
    content = {
        "person": {
            "name": person.name,
            "id_masked": person.id_mask,
            "phone_masked": person.phone_mask,
            "staff_no": person.username,
        },
        "posts": [
            {
                "enterprise": post.enterprise.unit.name,
                "kind": post.get_kind_display(),
                "from": post.appointed_on.isoformat(),
                "to": post.ended_on.isoformat() if post.ended_on else "",
                "state": _("已离任") if post.ended_on and post.ended_on <= on else _("在任"),
            }
            for post in posts.select_related("enterprise__unit").order_by("-appointed_on")
        ],
        "entries": [
            {
                "date": entry.occurred_on.isoformat(),
                "title": entry.title,
                "facts_text": facts_text(entry),
                "recorded_by": entry.recorded_by or _("系统"),
            }
            for entry in accounts_queries.file_of(person, viewer, on)
        ],
        "certificates": [
            {
                "number": certificate.number,
                "title": certificate.facts["title"],
                "valid_to": certificate.facts["valid_to"],
                "state": worth(certificate, on)["label"],
            }
            for certificate in with_relations(certificates)
        ],
    }
    return content | {"digest": digest_of(content)}


def digest_of(content):
    """SHA-256 of what a document says, whatever its layout; written on it and into the log, so that a copy can be held against it."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def facts_text(entry):
    """The facts of a line of the file as one sentence."""
    facts = entry.facts
    if entry.kind == "result":
        return _("%(enterprise)s · 第 %(number)s 次 · %(points)s / %(most)s 分 · %(verdict)s") % {
            "enterprise": facts["enterprise"],
            "number": facts["attempt_number"],
            "points": facts["points"],
            "most": facts["max_points"],
            "verdict": _("合格") if facts["passed"] else _("未合格"),
        }
    if entry.kind == "certificate":
        verdict = validity.VERDICTS.get(facts["state"])
        return _("编号 %(number)s · 有效期至 %(to)s · %(state)s") % {
            "number": facts["number"],
            "to": facts["expires_on"],
            "state": _(verdict.label) if verdict else facts["state"],
        }
    if entry.kind == "spot_check":
        label, _tone = telling.SPOT_CHECKS.get(facts.get("conclusion"), ("", ""))
        words = [facts.get("organ"), facts.get("enterprise"), facts.get("serial"), str(label)]
        return " · ".join(word for word in words if word)
    kind = facts.get("post_kind") or facts.get("kind")
    words = [facts.get("enterprise", ""), str(PostKind(kind).label) if kind in PostKind.values else ""]
    return " · ".join(word for word in words if word)
