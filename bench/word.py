"""Say the word: everybody who waits at a held session may begin. Prints when; `python -m bench.word`."""

import json
import sys

import django

django.setup()

from accounts.models import User  # noqa: E402
from exams.actions import arrivals  # noqa: E402
from exams.models import ExamSession  # noqa: E402

if __name__ == "__main__":
    session = ExamSession.objects.get(code=json.load(sys.stdin)["session"])
    arrivals.go(session, by=User.objects.get(username="bench-desk"))
    print(json.dumps({"at": ExamSession.objects.get(pk=session.pk).go_at.timestamp()}))
