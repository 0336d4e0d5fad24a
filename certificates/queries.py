"""Certificates with their worth today."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import records
from accounts.models import PostKind
from certificates import validity
from certificates.models import Certificate

TONES = {"in_force": "ok", "expired": "warn", "suspended": "warn", "revoked": "stop", "replaced": ""}


def with_relations(certificates):
    """Everything a list or a page reads of certificates."""
    return certificates.select_related("holder", "scheme", "post__enterprise__unit", "replaced_by")


def worth(certificate, today=None):
    """What a certificate is worth today: code, label, sentence and tone."""
    verdict = validity.verdict(
        certificate.state,
        certificate.issued_on,
        certificate.expires_on,
        today or timezone.localdate(),
        replacement(certificate) is not None,
    )
    return {
        "code": verdict.code,
        "label": _(verdict.label),
        "sentence": _(verdict.sentence),
        "tone": TONES[verdict.code],
        "days_left": validity.days_left(certificate.expires_on, today or timezone.localdate()),
    }


def replacement(certificate):
    """The certificate that stands in its place, or None."""
    try:
        return certificate.replaced_by
    except Certificate.DoesNotExist:
        return None


def personnel_file(person, on):
    """The plain context of the printed personnel file."""
    certificates = with_relations(Certificate.objects.of(person))
    return {
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
            for post in person.posts.select_related("enterprise__unit").order_by("-appointed_on")
        ],
        "entries": [
            {
                "date": entry.occurred_on.isoformat(),
                "title": entry.title,
                "facts_text": facts_text(entry),
                "recorded_by": entry.recorded_by or _("系统"),
            }
            for entry in records.latest(person)
        ],
        "certificates": [
            {
                "number": certificate.number,
                "title": certificate.facts["title"],
                "valid_to": certificate.facts["valid_to"],
                "state": worth(certificate, on)["label"],
            }
            for certificate in certificates
        ],
    }


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
    kind = facts.get("post_kind") or facts.get("kind")
    words = [facts.get("enterprise", ""), str(PostKind(kind).label) if kind in PostKind.values else ""]
    return " · ".join(word for word in words if word)
