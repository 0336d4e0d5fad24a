"""Whether minutes, signatures and publications still say what they said."""

import hashlib

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from audit.log import name_of
from supervision.models import Minutes, Publication, Refusal, Signature
from supervision.queries import minutes as queries


def problems(counts):
    """(row as the log names it, what is wrong with it) of all of them; `counts` is told how many rows were looked at."""
    for model, look in (
        (Minutes, _of_minutes),
        (Signature, _of_signature),
        (Refusal, _of_refusal),
        (Publication, _of_publication),
    ):
        label, seen = str(model._meta.verbose_name), 0
        rows = (
            model.objects.select_related("minutes") if model in (Signature, Refusal) else model.objects.all()
        )
        for row in rows.order_by("pk").iterator(chunk_size=500):
            seen += 1
            for said in look(row):
                yield name_of(row), said
        counts[label] = seen
    yield from _gaps()


def _of_minutes(row):
    if queries.digest_of(row.facts) != row.digest:
        yield _("记录表的内容与摘要不符。")
    if queries.seal_of_minutes(row) != row.seal:
        yield _("记录表与封存码不符。")


def _of_signature(row):
    if queries.seal_of_signature(row) != row.seal:
        yield _("签字与封存码不符。")
    if row.digest != row.minutes.digest:
        yield _("签字所签的摘要不是这一版本的。")
    if row.image:
        try:
            with default_storage.open(row.path) as file:
                same = hashlib.sha256(file.read()).hexdigest() == row.image
        except OSError:
            same = False
        if not same:
            yield _("签字图片丢失或被改动。")


def _of_refusal(row):
    if queries.seal_of_refusal(row) != row.seal:
        yield _("拒签记录与封存码不符。")


def _of_publication(row):
    if queries.digest_of(row.rows) != row.digest:
        yield _("公示的内容与摘要不符。")
    if queries.seal_of_publication(row) != row.seal:
        yield _("公示与封存码不符。")


def _gaps():
    """Versions are numbered without gaps: one that is missing was taken away."""
    last = {}
    rows = Minutes.objects.order_by("examinee", "number").only("examinee", "number")
    for row in rows.iterator(chunk_size=2000):
        if row.number != last.get(row.examinee_id, 0) + 1:
            yield name_of(row), _("前面的版本缺失。")
        last[row.examinee_id] = row.number
