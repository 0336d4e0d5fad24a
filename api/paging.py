"""Pages by a keyset: what follows the last row of the page before, however many rows were added since."""

from django.core import signing
from django.utils.translation import gettext as _

from api.problems import Problem

SALT = "api.cursor"


def page_of(rows, filters, what):
    """The rows of a page in order of their keys, and the cursor of the next page; None where nothing follows."""
    if filters.cursor:
        rows = rows.filter(pk__gt=_read(filters, what))
    found = list(rows.order_by("pk")[: filters.limit + 1])
    page = found[: filters.limit]
    return page, _written(page[-1].pk, filters, what) if len(found) > filters.limit else None


def _written(pk, filters, what):
    return signing.dumps([what, filters.said(), pk], salt=SALT)


def _read(filters, what):
    try:
        of, said, pk = signing.loads(filters.cursor, salt=SALT)
    except signing.BadSignature:
        raise Problem(422, _("游标无效，请从第一页重新读取。")) from None
    if [of, said] != [what, filters.said()]:
        raise Problem(422, _("游标属于另一组条件，请从第一页重新读取。"))
    return pk
