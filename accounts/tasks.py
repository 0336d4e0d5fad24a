"""What the background worker does for people, enterprises and their organs."""

import json

from django.utils import timezone
from django_tasks import task

from accounts import actions, sms, uploads, vault
from accounts.actions import importing
from accounts.actions.merging import forget_merges
from accounts.actions.undoing import forget_former, undo_import
from accounts.models import Import, User
from accounts.planning import read_sheet
from audit.transitions import Refused, Stale, move
from catalog.tables import read_table


@task()
def send_code(sealed):
    """Send a code that was asked for; of a number that leads nowhere nothing is sent. Too late is a failure, which the operator sees."""
    message = json.loads(vault.decrypt(sealed))
    if not message["leads"]:
        return
    if timezone.now().timestamp() > message["until"]:
        raise sms.NotSent("the code was over before it could be sent")
    sms.send(message["phone"], "sign_in_code", {"code": message["code"], "minutes": message["minutes"]})


@task()
def forget_codes():
    """Delete the rows of codes that are long over; how often somebody asked is in the log."""
    return actions.forget_codes(now=timezone.now())


@task()
def note_alerts():
    """Write down which alerts are new and which have ended."""
    return actions.note_alerts(timezone.localdate())


@task()
def mail_alerts():
    """Tell those concerned in the morning how many alerts there are."""
    return actions.mail_alerts(timezone.localdate())


@task()
def carry_out(import_pk):
    """Bring a kept workbook in, all of it or nothing: a worker that dies leaves nothing, and the next one begins again."""
    asked = Import.objects.select_related("by").get(pk=import_pk)
    if asked.state != Import.State.WAITING:
        return asked.state
    uploads.note(asked.token, "read")
    kept = uploads.kept(asked.by, asked.token)
    try:
        if kept is None:
            importing.turn_away(asked, importing.FILE_GONE)
        else:
            sheet = read_sheet(read_table(*kept))
            asked = importing.carry_out(asked, sheet, lambda step: uploads.note(asked.token, step))
    except Stale:  # another worker was quicker
        return "stale"
    if asked.state == Import.State.DONE:
        uploads.drop(asked.token)
    return asked.state


@task()
def take_back(import_pk, by_pk):
    """Take a long import back, or put it back as it was with the reason why not."""
    one, by = Import.objects.get(pk=import_pk), User.objects.get(pk=by_pk)
    if one.state != Import.State.UNDOING:
        return one.state
    try:
        return undo_import(one, by=by).state
    except Refused as refusal:
        why = str(refusal)
        kept = getattr(refusal, "kept", why)[:400]
        return move(one, to=Import.State.DONE, by=by, why=why, refusal=kept).state


@task()
def forget_old_imports():
    """Forget what an undo would need of the imports whose day is over, and of the merges whose thirty days are."""
    now = timezone.now()
    return forget_former(now=now) + forget_merges(now=now)
