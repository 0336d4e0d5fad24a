"""Addresses of the exams floor."""

from django.urls import path

from exams.urls_bank import urlpatterns as bank
from exams.urls_sessions import urlpatterns as managed
from exams.views import sitting

app_name = "exams"
urlpatterns = [
    path("exams/", sitting.mine, name="mine"),
    path("exams/sessions/<slug:code>/", sitting.session, name="session"),
    path("exams/sessions/<slug:code>/start/", sitting.start, name="start"),
    path("exams/attempts/<int:pk>/", sitting.sitting, name="sitting"),
    path("exams/attempts/<int:pk>/save/", sitting.save, name="save"),
    path("exams/attempts/<int:pk>/hand-in/", sitting.hand_in, name="hand_in"),
    path("exams/attempts/<int:pk>/result/", sitting.result, name="result"),
    path("exams/attempts/<int:pk>/review/", sitting.review, name="review"),
    *managed,
    *bank,
]
