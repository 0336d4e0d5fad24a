"""Addresses of the dashboards."""

from django.urls import path

from dashboards import acts, operator, views

app_name = "dashboards"
urlpatterns = [
    path("", views.home, name="home"),
    path("overview/<slug:code>/", views.organ, name="organ"),
    path("audit/", acts.acts, name="acts"),
    path("operations/", operator.operations, name="operations"),
    path("operations/tasks/<uuid:pk>/again/", operator.task_again, name="task_again"),
]
