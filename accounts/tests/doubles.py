"""Somebody who was entered twice, for the stories about merging."""

from datetime import date

from django.apps import apps

from accounts import actions
from accounts.models import User
from tests.people import PASSWORD

WHY = "核对身份证原件，是同一人"
GROWING = ("audit.AuditEvent", "audit.AuditSeal", "accounts.Merge", "accounts.Login")


def double(name="王雨晨", **more):
    """Somebody who was entered a second time."""
    return User.objects.create_user(more.pop("username", "twice"), PASSWORD, name=name, **more)


def in_post(person, where, kind="officer", since=date(2026, 3, 2), ended=None):
    post = actions.appoint(person, enterprise=where, kind=kind, appointed_on=since, by=None)
    return actions.dismiss(post, ended_on=ended, by=None) if ended else post


def merged(cast, kept, absorbed, by=None, **more):
    return actions.merge(kept, absorbed, reason=WHY, by=by or cast.admin, **more)


def undone(cast, done, by=None):
    return actions.undo_merge(done, reason="查明是两个人", by=by or cast.admin)


def dump(but=()):
    """Every row of every table that does not grow by the acts themselves."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.managed and model._meta.label not in (*GROWING, *but)
    }


def fresh(person):
    return User.objects.get(pk=person.pk)
