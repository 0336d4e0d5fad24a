"""Addresses of the desk that plans sessions; included by exams.urls, so under its namespace."""

from django.urls import path

from exams import converters  # noqa: F401 - its names are used below
from exams.views import filing, hall, live, moving, results, rooms, sessions, terminations

urlpatterns = [
    path("exams/manage/", sessions.sessions, name="sessions"),
    path("exams/manage/new/", sessions.session_new, name="session_new"),
    path("exams/manage/exams/new/", sessions.exam_new, name="exam_new"),
    path("exams/manage/attempts/", results.attempts, name="attempts"),
    path("exams/manage/attempts/<int:pk>/", results.attempt_seen, name="attempt_seen"),
    path("exams/manage/attempts/<int:pk>/void/", live.void, name="attempt_void"),
    path("exams/manage/attempts/<int:pk>/regrade/", live.regrade, name="attempt_regrade"),
    path("exams/manage/attempts/<int:pk>/terminate/", terminations.terminate, name="terminate"),
    path("exams/manage/<slug:code>/", sessions.session_manage, name="session_manage"),
    path("exams/manage/<slug:code>/register/", sessions.register, name="session_register"),
    path("exams/manage/<slug:code>/publish/", sessions.publish, name="session_publish"),
    path("exams/manage/<slug:code>/renew-papers/", sessions.renew_papers, name="session_renew_papers"),
    path("exams/manage/<slug:code>/cancel/", sessions.cancel, name="session_cancel"),
    path("exams/arrive/<key:pk>/<slug:given>/", hall.arrive, name="arrive"),
    path("exams/manage/<slug:code>/hall/", hall.hall, name="hall"),
    path("exams/manage/<slug:code>/hall/worker.js", hall.hall_worker, name="hall_worker"),
    path("exams/manage/<slug:code>/hall/screen/", hall.hall_screen, name="hall_screen"),
    path("exams/manage/<slug:code>/hall/go/", hall.go, name="hall_go"),
    path("exams/manage/<slug:code>/hall/notes/", hall.hall_notes, name="hall_notes"),
    path("exams/manage/<slug:code>/hall/notes/<key:pk>/", hall.hall_note, name="hall_note"),
    path("exams/manage/<slug:code>/rooms/", rooms.rooms, name="rooms"),
    path("exams/manage/<slug:code>/rooms/seat/", rooms.seat_all, name="seat_all"),
    path("exams/manage/<slug:code>/rooms/reseat/", rooms.reseat, name="reseat"),
    path("exams/manage/<slug:code>/rooms/<key:pk>/remove/", rooms.room_remove, name="room_remove"),
    path("exams/manage/<slug:code>/live/", live.live, name="session_live"),
    path("exams/manage/<slug:code>/live/act/", live.act, name="session_live_act"),
    path("exams/manage/<slug:code>/clusters/", live.clusters, name="session_clusters"),
    path("exams/manage/<slug:code>/live/move/", moving.find, name="session_move"),
    path("exams/move/<key:pk>/<slug:code>/", moving.move, name="move"),
    path("exams/manage/<slug:code>/live/filing/", filing.bring, name="session_filing"),
    path("exams/manage/<slug:code>/live/filing/<slug:token>/", filing.preview, name="session_filing_preview"),
    path("exams/manage/<slug:code>/results.xlsx", results.session_results, name="session_results"),
]
