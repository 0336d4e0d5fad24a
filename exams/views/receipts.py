"""The receipt that a candidate takes home."""

from django.http import Http404, JsonResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from exams import disclosing
from exams.actions import attempts
from exams.models import Attempt
from exams.queries import candidate, receipts


@require_GET
@never_cache
def receipt(request, pk):
    """The chain of her own attempt as a file; with the answers themselves where the review would show them."""
    door = Attempt.objects.of(request.user).select_related(
        "registration__session__exam", "registration__candidate", "paper"
    )
    attempt = door.filter(pk=pk).first()
    if attempt is None:
        raise Http404
    now = timezone.now()
    if attempts.close_if_due(attempt, now=now) is not attempt:
        attempt = door.get(pk=pk)
    is_shown = "responses" in disclosing.seen(attempt, now) and not candidate.is_sitting(request.user, now)
    told = receipts.receipt(attempt, with_payloads=is_shown)
    response = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 1})
    name = f"作答回执-{attempt.registration.session.code}-{attempt.number}.json"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response
