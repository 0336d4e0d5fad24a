"""Addresses of the certificates floor."""

from django.urls import path

from certificates import views

app_name = "certificates"
urlpatterns = [
    path("certificates/", views.wallet, name="wallet"),
    path("certificates/all/", views.certificates, name="certificates"),
    path("certificates/<slug:number>/", views.certificate, name="certificate"),
    path("certificates/<slug:number>/pdf/", views.certificate_pdf, name="pdf"),
    path("certificates/<slug:number>/decide/", views.decide, name="decide"),
    path("people/<int:pk>/file.pdf", views.person_file, name="person_file"),
    path("verify/", views.verify, name="verify"),
    path("verify/<str:code>/", views.verify_code, name="verify_code"),
]
