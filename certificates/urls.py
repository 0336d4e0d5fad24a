"""Addresses of the certificates floor."""

from django.urls import path

from certificates import minutes, notices, paper_forms, slips, views

app_name = "certificates"
urlpatterns = [
    path("certificates/", views.wallet, name="wallet"),
    path("certificates/all/", views.certificates, name="certificates"),
    path("certificates/<slug:number>/", views.certificate, name="certificate"),
    path("certificates/<slug:number>/pdf/", views.certificate_pdf, name="pdf"),
    path("certificates/<slug:number>/decide/", views.decide, name="decide"),
    path("people/<int:pk>/file.pdf", views.person_file, name="person_file"),
    path("people/<int:pk>/slip/", slips.slip, name="slip"),
    path("enterprises/<str:uscc>/slips/", slips.enterprise_slips, name="enterprise_slips"),
    path("posts/<int:pk>/letter.pdf", views.letter, name="letter"),
    path("minutes/<int:pk>.pdf", minutes.minutes_pdf, name="minutes"),
    path("notices/<int:pk>/<int:number>.pdf", notices.spot_notice, name="spot_notice"),
    path(
        "spotchecks/case/<slug:code>/paper/<slug:session>/print/", paper_forms.paper_print, name="paper_print"
    ),
    path("verify/", views.verify, name="verify"),
    path("verify/<str:code>/", views.verify_code, name="verify_code"),
]
