"""Setting up a bank. Whether it is for practice is decided here and never again."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import scope
from accounts.permissions import roles
from audit.log import record
from audit.transitions import Refused
from exams.models import ItemBank


def why_not_enter(unit, by):
    """Why somebody may not set up a bank of a unit."""
    if not any(unit.path.startswith(path) for path in scope.paths(by, *roles("banks.write"))):
        return _("只有本单位的题库编辑可以新建题库。")
    return ""


def enter(bank, *, by):
    """Set up a bank, for papers or for practice.

    No act changes that afterwards: an item whose key was shown in practice must never stand in a paper, and one that a paper
    may hold must never be shown, so a bank that went over would take all its items with it.
    """
    if reason := why_not_enter(bank.unit, by):
        raise Refused(reason)
    try:
        with transaction.atomic():
            bank.save(force_insert=True)
            record("bank.entered", bank, by=by, is_practice=bank.is_practice)
    except IntegrityError:
        if not ItemBank.objects.filter(code=bank.code).exists():
            raise
        raise Refused(_("代码 %(code)s 已有题库使用。") % {"code": bank.code}) from None
    return bank
