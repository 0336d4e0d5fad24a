"""Addresses of people, enterprises and roles."""

from django.urls import path

from accounts.views import desks, enterprises, grants, imports, me, people

app_name = "people"

urlpatterns = [
    path("desk/", desks.switch_desk, name="switch_desk"),
    path("me/", me.me, name="me"),
    path("me/elder/", me.elder, name="elder"),
    path("people/", people.people, name="people"),
    path("people/import/", imports.import_, name="import"),
    path("people/import/template/", imports.template, name="import_template"),
    path("people/import/<str:token>/", imports.preview, name="import_preview"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/reveal/", people.reveal, name="reveal"),
    path("people/<int:pk>/password/", people.set_password, name="set_password"),
    path("enterprises/", enterprises.enterprises, name="enterprises"),
    path("enterprises/<str:uscc>/", enterprises.enterprise, name="enterprise"),
    path("enterprises/<str:uscc>/appoint/", enterprises.appoint, name="appoint"),
    path("posts/<int:pk>/dismiss/", enterprises.dismiss, name="dismiss"),
    path("grants/", grants.grants, name="grants"),
    path("grants/new/", grants.give, name="grant_new"),
    path("grants/<int:pk>/end/", grants.end, name="grant_end"),
]
