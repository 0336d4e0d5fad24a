from exams.models.attempts import Attempt, Intervention, Response
from exams.models.bank import Difficulty, Item, ItemBank, ItemRevision, Picture, Topic
from exams.models.papers import Blueprint, BlueprintLine, Paper, PaperItem
from exams.models.scoring import Filing, Result, Score
from exams.models.sessions import Exam, ExamSession, Registration, Terms

__all__ = [
    "Attempt",
    "Blueprint",
    "BlueprintLine",
    "Difficulty",
    "Exam",
    "ExamSession",
    "Filing",
    "Intervention",
    "Item",
    "ItemBank",
    "ItemRevision",
    "Paper",
    "PaperItem",
    "Picture",
    "Registration",
    "Response",
    "Result",
    "Score",
    "Terms",
    "Topic",
]
