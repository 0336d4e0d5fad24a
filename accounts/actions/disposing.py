"""Disposing of what need not be kept any longer; a hold wins, and what only grows is never touched."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts import retention, uploads
from accounts.actions.outside import end_links
from accounts.models import Hold, Login, User
from audit.log import record

BLANK = {
    "phone_sealed": "", "phone_hash": None, "phone_mask": "",
    "id_sealed": "", "id_hash": None, "id_mask": "", "email": "",
}  # fmt: skip


@dataclass
class Disposal:
    """What was due of one class, what a hold kept, what is gone."""

    code: str
    due: int
    held: int
    gone: int = 0


def dispose(*, dry_run=False):
    """Dispose of everything that is due, class by class, and give the report; a dry run only counts."""
    report = [_numbers(dry_run), _logins(dry_run), _uploads(dry_run)]
    if not dry_run:
        for one in report:
            record("data.disposed", Class(one.code), by=None, due=one.due, held=one.held, gone=one.gone)
    return report


class Class:
    """A class of data as the log of acts names it."""

    class _meta:
        label_lower = "accounts.kept"

    def __init__(self, code):
        self.pk = code

    def __str__(self):
        return next(str(one.what) for one in retention.CLASSES if one.code == self.pk)


def _numbers(dry_run):
    today = timezone.localdate()
    due, held = retention.numbers_due(today), Exists(Hold.objects.on(OuterRef("pk")))
    told = Disposal("numbers", due.count(), due.filter(held).count())
    if not dry_run:
        free = list(due.filter(~held).values_list("pk", flat=True))
        told.gone = sum(_blank(pk, today) for pk in free)
    return told


@transaction.atomic
def _blank(pk, today):
    """Blank what is known of one person's numbers if she is still due and free under the lock; the row stays."""
    if User.objects.select_for_update().filter(pk=pk).first() is None:
        return 0
    person = retention.numbers_due(today).filter(pk=pk).first()
    if person is None or Hold.objects.on(person).exists():
        return 0
    User.objects.filter(pk=pk).update(**BLANK)
    end_links(person)
    record("person.disposed", person, by=None)
    return 1


def _logins(dry_run):
    now = timezone.now()
    due, free = Login.objects.over(now).count(), Login.objects.disposable(now)
    told = Disposal("logins", due, due - free.count())
    if not dry_run:
        told.gone = free.delete()[0]
    return told


def _uploads(dry_run):
    told = Disposal("uploads", len(uploads.too_old()), 0)
    if not dry_run:
        uploads.sweep()
        told.gone = told.due
    return told
