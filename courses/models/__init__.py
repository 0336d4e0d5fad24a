from courses.models.after import Suggestion, SuggestionReading
from courses.models.assignments import Assignment, LearnedHours, LearnedPeriod
from courses.models.classes import ClassAttendance, ClassCredit, ClassMeeting, ClassSign
from courses.models.content import Course, Edition, EditionLesson, Lesson, LessonFile, LessonRevision
from courses.models.files import Acknowledgement, FileExport, TrainingFile
from courses.models.hour_rules import HourRule, HourRuleEnd
from courses.models.learning import (
    Beat,
    Completion,
    Credit,
    Enrolment,
    PresenceAnswer,
    PresenceCheck,
    QuizAnswer,
    QuizTry,
    Visit,
)
from courses.models.outside import OutsideEvidence, OutsideTraining
from courses.models.paths import Path, PathStep
from courses.models.plans import PlanEntry, PlanEntryEnd, PlanMember, PlanOutcome, TrainingPlan

__all__ = [
    "Acknowledgement",
    "Assignment",
    "Beat",
    "ClassAttendance",
    "ClassCredit",
    "ClassMeeting",
    "ClassSign",
    "Completion",
    "Course",
    "Credit",
    "Edition",
    "EditionLesson",
    "Enrolment",
    "FileExport",
    "HourRule",
    "HourRuleEnd",
    "LearnedHours",
    "LearnedPeriod",
    "Lesson",
    "LessonFile",
    "LessonRevision",
    "OutsideEvidence",
    "OutsideTraining",
    "Path",
    "PathStep",
    "PlanEntry",
    "PlanEntryEnd",
    "PlanMember",
    "PlanOutcome",
    "PresenceAnswer",
    "PresenceCheck",
    "QuizAnswer",
    "QuizTry",
    "Suggestion",
    "SuggestionReading",
    "TrainingFile",
    "TrainingPlan",
    "Visit",
]
