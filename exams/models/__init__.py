from exams.models.arrivals import Arrival
from exams.models.attempts import Attempt, Intervention, Response
from exams.models.bank import Difficulty, Item, ItemBank, ItemRevision, Picture, Topic
from exams.models.papers import Blueprint, BlueprintLine, Paper, PaperItem
from exams.models.rooms import Room, RoomSupervisor, Seat
from exams.models.scoring import Filing, Result, Score
from exams.models.sessions import Exam, ExamSession, Registration, Terms
from exams.models.signals import ClusterReading, MoveRequest, Signal
from exams.models.terminations import Termination

__all__ = [
    "Arrival",
    "Attempt",
    "Blueprint",
    "BlueprintLine",
    "ClusterReading",
    "Difficulty",
    "Exam",
    "ExamSession",
    "Filing",
    "Intervention",
    "Item",
    "ItemBank",
    "ItemRevision",
    "MoveRequest",
    "Paper",
    "PaperItem",
    "Picture",
    "Registration",
    "Response",
    "Result",
    "Room",
    "RoomSupervisor",
    "Score",
    "Seat",
    "Signal",
    "Termination",
    "Terms",
    "Topic",
]
