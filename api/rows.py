"""Rows as the interface tells them."""

from django.conf import settings
from django.urls import reverse

from accounts import staffing
from api.queries import state_of
from certificates.queries import replacement, worth
from exams import disclosing
from exams.models import Attempt


def _enterprise(enterprise):
    return {"credit_code": enterprise.uscc, "name": enterprise.unit.name}


def person(person):
    """A person, numbers masked."""
    return {
        "id": person.pk,
        "name": person.name,
        "id_number_masked": person.id_mask,
        "phone_masked": person.phone_mask,
        "entered_at": person.joined_at,
    }


def post(post, certificates, today):
    """A post, and how its holder stands in it by her certificates."""
    state = state_of(post, today)
    standing = (
        staffing.standing(certificates[post.person_id], post.kind, today) if state == "current" else None
    )
    return {
        "id": post.pk,
        "person_id": post.person_id,
        "enterprise": _enterprise(post.enterprise),
        "kind": post.kind,
        "full_time": post.full_time,
        "categories": sorted(category.code for category in post.categories.all()),
        "appointed_on": post.appointed_on,
        "ended_on": post.ended_on,
        "state": state,
        "standing": standing.code if standing else None,
        "is_valid": standing.qualified if standing else None,
    }


def result(attempt, now):
    """An attempt that is over; its points where they are released and its terms show them."""
    registration = attempt.registration
    is_void = attempt.state == Attempt.State.VOIDED
    is_released = attempt.released_at is not None
    is_told = is_released and not is_void and "score" in disclosing.seen(attempt, now)
    scored = attempt.current_result if is_told else None
    return {
        "id": attempt.pk,
        "person_id": registration.candidate_id,
        "post_id": registration.post_id,
        "enterprise": _enterprise(registration.post.enterprise),
        "session": {
            "code": registration.session.code,
            "name": registration.session.name,
            "exam": registration.session.exam.name,
            "kind": registration.session.exam.kind,
        },
        "number": attempt.number,
        "started_at": attempt.started_at,
        "submitted_at": attempt.submitted_at,
        "ended_by": attempt.ended_by,
        "state": "voided" if is_void else "released" if is_released else "awaited",
        "released_at": attempt.released_at,
        "points": scored and scored.points,
        "max_points": scored and scored.max_points,
        "percent": scored and scored.percent,
        "passed": scored and scored.passed,
    }


def certificate(certificate, today):
    """A certificate as printed, and its worth."""
    facts, later = certificate.facts, replacement(certificate)
    return {
        "number": certificate.number,
        "person_id": certificate.holder_id,
        "post_id": certificate.post_id,
        "title": facts["title"],
        "name": facts["name"],
        "id_number_masked": facts["id_masked"],
        "enterprise": {"credit_code": certificate.post.enterprise.uscc, "name": facts["enterprise"]},
        "post": facts["post"],
        "exam": facts["exam"],
        "score": str(facts["score"]),
        "issued_on": certificate.issued_on,
        "expires_on": certificate.expires_on,
        "state": worth(certificate, today)["code"],
        "state_changed_at": certificate.state_at,
        "replaced_by": later.number if later else None,
        "verify_url": settings.BASE_URL + reverse("certificates:verify_code", args=[certificate.code]),
    }
