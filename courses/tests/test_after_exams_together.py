"""Many at the same moment: lessons are suggested once, versions are numbered once, a file is confirmed once, one archive waits."""

import pytest
from django.conf import settings
from django.utils import timezone

from audit.transitions import Refused
from courses.actions import file_exports, filing, suggesting
from courses.models import Acknowledgement, FileExport, Suggestion, TrainingFile
from courses.queries import files
from courses.tests import after_exams as stories
from exams.actions import regrading
from exams.engine.chance import digest
from exams.models import Attempt
from exams.tests.together import counted, together

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(
        "postgresql" not in settings.DATABASES["default"]["ENGINE"], reason="DATABASE_URL names no PostgreSQL"
    ),
    pytest.mark.django_db(transaction=True),
]
N = 12


def tried(act):
    """Whether an act was done or refused."""

    def once(turn):
        try:
            act(turn)
        except Refused:
            return "refused"
        return "done"

    return once


def test_lessons_are_suggested_once_while_the_result_is_scored_again(cast):
    stories.course(cast, ("一", 5, (1,)), ("二", 5, (2,)))
    attempt = stories.missed(stories.session(cast), cast.officer, 1, 2)
    rows = Attempt.objects.filter(pk=attempt.pk)

    def act(turn):
        if turn == 0:
            regrading.regrade(attempt, why="试题裁定", by=cast.city)
        else:
            suggesting.suggest(attempt)

    together(N, act, threads=N, behind=rows)
    assert list(Suggestion.objects.order_by("rank").values_list("rank", "revision__title")) == [
        (1, "一"),
        (2, "二"),
    ]


def test_a_version_that_many_keep_at_once_is_one(cast):
    year = timezone.localdate().year

    def act(_turn):
        facts = files.facts_of([cast.officer], cast.jinhai, year)
        return filing.keep_many(facts, cast.jinhai, year, by=cast.manager)[cast.officer.pk].pk

    keys = set(together(N, act))
    assert keys == set(TrainingFile.objects.values_list("pk", flat=True)) and len(keys) == 1


def test_a_file_is_confirmed_once(cast):
    year = timezone.localdate().year
    seen = digest(files.facts_of([cast.officer], cast.jinhai, year)[cast.officer.pk])
    together(N, tried(lambda turn: filing.confirm(cast.officer, cast.jinhai, year, seen=seen)))
    assert (TrainingFile.objects.count(), Acknowledgement.objects.count()) == (1, 1)


def test_of_many_who_ask_for_the_archive_one_gets_it(cast):
    year = timezone.localdate().year
    came = together(N, tried(lambda turn: file_exports.ask(cast.jinhai, year, by=cast.manager)))
    assert counted(came) == {"done": 1, "refused": N - 1}
    assert FileExport.objects.count() == 1
