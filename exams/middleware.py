"""What is answered before anything asks who is there: the pulse of running exams, and floods."""

from functools import cache

from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import resolve
from django.utils.translation import gettext as _

from exams import limits
from exams.views.pulse import pulse


class PulseMiddleware:
    """Answer /pulse/<session>/ first."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        path = request.path_info
        if path.startswith("/pulse/") and request.method == "GET":
            number = path[7:].rstrip("/")
            if number.isdecimal() and len(number) < 16:
                return pulse(request, int(number))
        return self.get_response(request)


class FloodMiddleware:
    """Refuse what comes too often or is too large with a sentence, before session and database; nothing saved is touched.

    It stands behind the language, of which the sentence has need, and before the session. A browser is known by its cookie;
    a person with several is counted once more when Django knows her, which costs nothing that the view would not ask as well.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not limits.is_limited(request.path_info):
            return self.get_response(request)
        if limits.is_too_large(request):
            return _refused(request, 413, _("发送的内容过大，这一次没有处理；已保存的作答不受影响。"))
        if seconds := limits.seconds_to_wait(request):
            return _too_often(request, seconds)
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """Count the person, too."""
        if not limits.is_limited(request.path_info):
            return None
        seconds = limits.seconds_for(request.user.pk) or limits.seconds_for_saving(request)
        return _too_often(request, seconds) if seconds else None


@cache
def _match(act):
    """Where such a path leads. Looking through all addresses would cost more than all the rest of a refusal."""
    return resolve(f"/exams/attempts/0/{act}/")


def _too_often(request, seconds):
    sentence = _("发送过于频繁，这一次没有处理；已保存的作答不受影响，请稍候再试。")
    return _refused(request, 429, sentence, {"Retry-After": str(seconds)})


def _refused(request, status, sentence, headers=None):
    """The sentence as the page's module reads it, or as a page by itself, for which nobody is asked for anything."""
    request.resolver_match = _match(request.path_info.rsplit("/", 2)[1])  # measured under the view's own name
    if limits.is_json(request):
        return JsonResponse({"problem": sentence}, status=status, headers=headers)
    page = render_to_string("exams/sitting/refused.html", {"status": status, "sentence": sentence})
    return HttpResponse(page, status=status, headers=headers)
