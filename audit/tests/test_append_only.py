"""The database itself refuses to change history, on SQLite and on PostgreSQL alike."""

import pytest
from django.apps import apps
from django.db import Error, connection, transaction

from audit.append_only import AppendOnly
from audit.log import record
from audit.models import AuditEvent

GUARDED = [
    model
    for model in apps.get_models()
    if any(isinstance(constraint, AppendOnly) for constraint in model._meta.constraints)
]


def test_the_tables_that_remember_are_guarded():
    assert sorted(model.__name__ for model in GUARDED) == [
        "AbsenceDecision",
        "AbsenceRequest",
        "Acceptance",
        "Acknowledgement",
        "AlertNote",
        "AmendmentProposal",
        "AmendmentRuling",
        "Arrival",
        "Attendance",
        "AuditEvent",
        "AuditSeal",
        "Beat",
        "ClassCredit",
        "ClassSign",
        "Completion",
        "Credit",
        "Decision",
        "Draw",
        "DrawnCandidate",
        "DrawnInspector",
        "Edition",
        "EditionLesson",
        "Evidence",
        "Examinee",
        "Extension",
        "ExtensionRuling",
        "Filing",
        "FormerPassword",
        "FrameLine",
        "HourRule",
        "HourRuleEnd",
        "Incident",
        "Intervention",
        "ItemRevision",
        "LearnedHours",
        "LearnedPeriod",
        "LedgerLine",
        "LessonFile",
        "LessonRevision",
        "Minutes",
        "Mock",
        "MockEnd",
        "MoveRequest",
        "NotSame",
        "Notice",
        "NoticeReading",
        "Objection",
        "ObjectionDecision",
        "Outcome",
        "OutsideEvidence",
        "Paper",
        "PaperItem",
        "PaperResult",
        "PaperReview",
        "PlanEntry",
        "PlanEntryEnd",
        "PlanMember",
        "PlanOutcome",
        "PostPaper",
        "PracticeAnswer",
        "PresenceAnswer",
        "PresenceCheck",
        "PrintedForm",
        "Publication",
        "QuizAnswer",
        "QuizTry",
        "Recheck",
        "RecordEntry",
        "Refusal",
        "Replacement",
        "Report",
        "Response",
        "Result",
        "Reveal",
        "Revocation",
        "RuleProfile",
        "Score",
        "Service",
        "Signal",
        "Signature",
        "SpotNotice",
        "Suggestion",
        "SuggestionReading",
        "Termination",
        "TrainingFile",
        "Visit",
        "Voiding",
        "Withdrawal",
    ]


@pytest.mark.parametrize("model", GUARDED, ids=lambda m: m.__name__)
def test_each_guarded_table_carries_its_trigger(db, model):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
                [model._meta.db_table],
            )
            wanted = 2
        else:
            cursor.execute(
                "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = %s::regclass",
                [model._meta.db_table],
            )
            wanted = 1
        assert cursor.fetchone() == (wanted,)


def test_an_update_and_a_delete_are_refused_and_the_row_stays(cast):
    event = record("test.happened", cast.officer, by=cast.manager, why="story")
    for attempt in (
        lambda: AuditEvent.objects.filter(pk=event.pk).update(action="never"),
        lambda: AuditEvent.objects.filter(pk=event.pk).delete(),
    ):
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            attempt()
    assert list(AuditEvent.objects.values_list("action", "actor_name")) == [("test.happened", "赵敏")]
