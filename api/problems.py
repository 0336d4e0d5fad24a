"""Refusals of the interface: a status, one sentence, nothing of the request repeated."""

from django.http import JsonResponse


class Problem(Exception):
    """An answer other than the one that was asked for; its text is a sentence for people."""

    def __init__(self, status, sentence, headers=None):
        super().__init__(sentence)
        self.status, self.sentence, self.headers = status, sentence, headers or {}


def told(problem):
    """The answer that tells it."""
    return JsonResponse({"problem": str(problem.sentence)}, status=problem.status, headers=problem.headers)
