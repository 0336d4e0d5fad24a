"""Addresses of the exams floor."""

from django.urls import path

from exams import converters  # noqa: F401 - its names are used below
from exams.urls_bank import urlpatterns as bank
from exams.urls_sessions import urlpatterns as managed
from exams.views import candidate, outcome, pulse, receipts, saving, sitting

app_name = "exams"
urlpatterns = [
    path("exams/attempts/<key:pk>/save/", saving.save, name="save"),
    path("exams/", candidate.mine, name="mine"),
    path("exams/sessions/<slug:code>/", candidate.session, name="session"),
    path("exams/sessions/<slug:code>/waiting/", candidate.waiting, name="waiting"),
    path("exams/sessions/<slug:code>/enter/", candidate.enter, name="enter"),
    path("exams/sessions/<slug:code>/start/", candidate.start, name="start"),
    path("exams/attempts/<key:pk>/", sitting.sitting, name="sitting"),
    path("exams/attempts/<key:pk>/hand-in/", saving.hand_in, name="hand_in"),
    path("exams/attempts/<key:pk>/check/", saving.check, name="check"),
    path("exams/attempts/<key:pk>/take-over/", sitting.take_over, name="take_over"),
    path("exams/attempts/<key:pk>/move/", sitting.move_ask, name="move_ask"),
    path("exams/attempts/<key:pk>/result/", outcome.result, name="result"),
    path("exams/attempts/<key:pk>/review/", outcome.review, name="review"),
    path("exams/attempts/<key:pk>/receipt/", receipts.receipt, name="receipt"),
    path("pulse/<key:session>/", pulse.pulse, name="pulse"),
    *managed,
    *bank,
]
