"""Addresses of the desk that plans sessions; included by exams.urls, so under its namespace."""

from django.urls import path

from exams.views import filing, live, results, sessions

urlpatterns = [
    path("exams/manage/", sessions.sessions, name="sessions"),
    path("exams/manage/new/", sessions.session_new, name="session_new"),
    path("exams/manage/exams/new/", sessions.exam_new, name="exam_new"),
    path("exams/manage/attempts/", results.attempts, name="attempts"),
    path("exams/manage/attempts/<int:pk>/", results.attempt_seen, name="attempt_seen"),
    path("exams/manage/attempts/<int:pk>/void/", live.void, name="attempt_void"),
    path("exams/manage/attempts/<int:pk>/regrade/", live.regrade, name="attempt_regrade"),
    path("exams/manage/<slug:code>/", sessions.session_manage, name="session_manage"),
    path("exams/manage/<slug:code>/register/", sessions.register, name="session_register"),
    path("exams/manage/<slug:code>/publish/", sessions.publish, name="session_publish"),
    path("exams/manage/<slug:code>/renew-papers/", sessions.renew_papers, name="session_renew_papers"),
    path("exams/manage/<slug:code>/cancel/", sessions.cancel, name="session_cancel"),
    path("exams/manage/<slug:code>/live/", live.live, name="session_live"),
    path("exams/manage/<slug:code>/live/act/", live.act, name="session_live_act"),
    path("exams/manage/<slug:code>/live/filing/", filing.bring, name="session_filing"),
    path("exams/manage/<slug:code>/live/filing/<slug:token>/", filing.preview, name="session_filing_preview"),
    path("exams/manage/<slug:code>/results.xlsx", results.session_results, name="session_results"),
]
