"""Issue, suspend, reinstate, revoke, replace: each also enters the personnel file."""

import secrets
from base64 import b64decode
from datetime import date

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import records
from accounts.models import RecordKind
from accounts.prepared import Prepared, given
from audit.log import record
from audit.transitions import Refused, move
from certificates import numbers, seal
from certificates.models import Certificate, Numbering, Scheme
from exams.models import Attempt


def add_months(day, months):
    """The same day so many months later, or that month's last day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def keys():
    """The sealing keys by id, newest first."""
    return {key_id: b64decode(key) for key_id, key in settings.FIELD_KEYS.items()}


def schemes_for(attempt):
    """The schemes that a passed attempt earns from: of its own exam, or of its kind of exam."""
    exam = attempt.registration.session.exam
    own = Scheme.objects.filter(is_active=True, exam=exam)
    return list(own) or list(Scheme.objects.filter(is_active=True, exam__isnull=True, exam_kind=exam.kind))


# Without the key: a replacement holds the numbering and its row only points at the attempt, which must not wait for us.
LOCK = Prepared(
    lambda: Attempt.objects.filter(pk=given("pk")).order_by().select_for_update(no_key=True).values_list("pk")
)


@transaction.atomic
def issue(attempt, scheme, *, by=None):
    """Issue what a passed attempt earned under a scheme; a second time gives the same certificate."""
    LOCK.one(pk=attempt.pk)  # two issues for one attempt take turns
    known = Certificate.objects.filter(scheme=scheme, attempt=attempt, replaces__isnull=True).first()
    if known:
        return known
    if attempt.state != Attempt.State.SUBMITTED or not (
        attempt.current_result and attempt.current_result.passed
    ):
        raise Refused(_("成绩合格后才能出具证明。"))
    passed_on = timezone.localdate(attempt.submitted_at)
    expires_on = add_months(passed_on, scheme.months)
    return _create(attempt, scheme, passed_on=passed_on, expires_on=expires_on, issued_on=passed_on, by=by)


def _create(attempt, scheme, *, passed_on, expires_on, issued_on, by, replaces=None):
    registration = attempt.registration
    post, holder, result = registration.post, registration.candidate, attempt.current_result
    number, code = (
        _next_number(issued_on.year),
        numbers.verify_code(secrets.token_bytes(numbers.ENTROPY_BYTES)),
    )
    categories = (
        [registration.session.exam.category]
        if registration.session.exam.category_id
        else post.categories.all()
    )
    with translation.override("zh-hans"):
        facts = {
            "title": scheme.title,
            "number": number,
            "verify_code": code,
            "name": holder.name,
            "id_masked": holder.id_mask,
            "enterprise": post.enterprise.unit.name,
            "post": str(post.get_kind_display()),
            "categories": "；".join(str(category) for category in categories),
            "exam": registration.session.exam.name,
            "score": f"{result.points.normalize():f} 分",
            "passed_on": _long(passed_on),
            "issued_on": _long(issued_on),
            "valid_from": passed_on.isoformat(),
            "valid_to": expires_on.isoformat(),
            "issuer": scheme.issuer,
        }
    key_id, key = next(iter(keys().items()))
    certificate = Certificate.objects.create(
        number=number,
        code=code,
        scheme=scheme,
        attempt=attempt,
        holder=holder,
        post=post,
        facts=facts,
        seal=seal.seal(facts, key, key_id),
        issued_on=issued_on,
        expires_on=expires_on,
        replaces=replaces,
    )
    record("certificate.issued", certificate, by=by, attempt=attempt.pk)
    enter(certificate, by=by)
    return certificate


def _next_number(year):
    Numbering.objects.get_or_create(year=year)
    row = Numbering.objects.select_for_update(no_key=True).get(year=year)
    Numbering.objects.filter(pk=row.pk).update(last=F("last") + 1)
    return numbers.certificate_number(year, row.last + 1)


def _long(day):
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def enter(certificate, *, by=None):
    """The line of the personnel file that tells what the certificate is worth by decision; its expiry is in the facts."""
    state = "replaced" if Certificate.objects.filter(replaces=certificate).exists() else certificate.state
    return records.enter(
        certificate.holder,
        f"certificate:{certificate.number}",
        kind=RecordKind.CERTIFICATE,
        occurred_on=certificate.issued_on,
        title=certificate.facts["title"],
        facts={
            "number": certificate.number,
            "state": state,
            "why": certificate.state_why,
            "issued_on": certificate.issued_on.isoformat(),
            "expires_on": certificate.expires_on.isoformat(),
            "enterprise": certificate.facts["enterprise"],
            "uscc": certificate.post.enterprise.uscc,
            "post_kind": certificate.post.kind,
            "exam": certificate.facts["exam"],
            "score": certificate.facts["score"],
        },
        by=by,
    )


@transaction.atomic
def decide(certificate, *, to, by, why):
    """Suspend, reinstate or revoke, with a reason that the public page does not show."""
    why = why.strip()
    if not why:
        raise Refused(_("请写明原因。"))
    if certificate.state == to:
        return certificate
    move(certificate, to=to, by=by, why=why, state_why=why[:200], state_at=timezone.now())
    enter(certificate, by=by)
    return certificate


@transaction.atomic
def replace(certificate, *, by, why):
    """Issue a new certificate in place of one whose printed facts changed (a corrected name, say); the chain stays."""
    if not why.strip():
        raise Refused(_("请写明原因。"))
    certificate = Certificate.objects.select_for_update(of=("self",)).get(
        pk=certificate.pk
    )  # one replacement, not two
    if known := Certificate.objects.filter(replaces=certificate).first():
        return known
    # A replacement is in force: it must not bring back what does not count today.
    if certificate.state != Certificate.State.IN_FORCE or certificate.expires_on < timezone.localdate():
        raise Refused(_("只有目前有效的证明可以换发。"))
    made = _create(
        certificate.attempt,
        certificate.scheme,
        passed_on=date.fromisoformat(certificate.facts["valid_from"]),
        expires_on=certificate.expires_on,
        issued_on=timezone.localdate(),
        by=by,
        replaces=certificate,
    )
    record("certificate.replaced", certificate, by=by, why=why, new=made.number)
    enter(certificate, by=by)
    return made
