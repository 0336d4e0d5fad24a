"""What becomes of an import, or of its undo, whose background task failed as often as it may: one more try, or an end."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import queries, uploads
from accounts.models import Import
from audit.log import record
from audit.transitions import Refused, move
from operations import actions as operations
from operations.queries import FAILED

N_ = lambda text: text  # noqa: E731 - marks a sentence for translation, which the page does

LEFT = N_("后台处理多次出错，这次导入已被放弃。可以重新检查或重新上传文件。")
UNDO_LEFT = N_("后台处理多次出错，撤销已被放弃：什么都没有撤销，导入的数据仍在。")


@transaction.atomic
def try_again(one, *, by):
    """Let the background worker try once more; what is not given up, or is being tried already, stays as it is."""
    from accounts import tasks  # here, since the tasks are made of these acts

    one = Import.objects.select_for_update().get(pk=one.pk)
    if one.pk not in queries.given_up([one]):
        return one
    record("import.again", one, by=by)
    if one.token:
        uploads.note(one.token, "")  # how far the last try had come is no news any more
    if failed := queries.turns_of([one]).filter(status=FAILED).order_by("-finished_at").first():
        operations.again(failed, by=by)
    elif one.state == Import.State.UNDOING:
        tasks.take_back.enqueue(one.pk, by.pk)
    else:
        tasks.carry_out.enqueue(one.pk)
    return one


@transaction.atomic
def leave(one, *, by):
    """Give up an import that the worker gave up, or an undo; nothing was written by it. What has come to an end stays as it is."""
    one = Import.objects.select_for_update().get(pk=one.pk)
    if one.state not in Import.PENDING:
        return one
    if one.pk not in queries.given_up([one]):
        raise Refused(_("后台还在处理，现在不能放弃。请等它结束。"))
    if one.state == Import.State.UNDOING:
        return move(one, to=Import.State.DONE, by=by, why=UNDO_LEFT, refusal=UNDO_LEFT)
    return move(one, to=Import.State.REFUSED, by=by, why=LEFT, refusal=LEFT, finished_at=timezone.now())
