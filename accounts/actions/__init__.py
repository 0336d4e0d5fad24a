"""The acts of this floor: each one transaction and its audit line."""

from accounts.actions.acting import begin_for, end_for
from accounts.actions.alerts import note_alerts
from accounts.actions.codes import ask, forget_codes, redeem
from accounts.actions.delegating import delegate, end_delegation
from accounts.actions.given_up import leave, try_again
from accounts.actions.importing import ask_for, import_people
from accounts.actions.logins import end_login, end_logins, end_other_logins, handle_of
from accounts.actions.mailing import keep_language, mail_alerts, set_alert_mail
from accounts.actions.merging import merge, tell_apart, undo_merge
from accounts.actions.outside import link, recognise, unlink
from accounts.actions.papers import attach
from accounts.actions.passwords import (
    choose_password,
    drop_issued,
    issue_password,
    issue_slips,
    keep_password,
)
from accounts.actions.people import enter_person, make_administrator, reveal, set_elder
from accounts.actions.posts import appoint, dismiss, take_on
from accounts.actions.roles import end_grant, grant
from accounts.actions.second_factor import remove_second_factor
from accounts.actions.sizes import rate
from accounts.actions.tokens import end_token, make_token
from accounts.actions.undoing import ask_to_undo, undo_import

__all__ = [
    "appoint",
    "ask",
    "ask_for",
    "ask_to_undo",
    "attach",
    "begin_for",
    "choose_password",
    "delegate",
    "dismiss",
    "drop_issued",
    "end_delegation",
    "end_for",
    "end_grant",
    "end_login",
    "end_logins",
    "end_other_logins",
    "end_token",
    "enter_person",
    "forget_codes",
    "grant",
    "handle_of",
    "import_people",
    "issue_password",
    "issue_slips",
    "keep_language",
    "keep_password",
    "leave",
    "link",
    "mail_alerts",
    "make_administrator",
    "make_token",
    "merge",
    "note_alerts",
    "rate",
    "recognise",
    "redeem",
    "remove_second_factor",
    "reveal",
    "set_alert_mail",
    "set_elder",
    "take_on",
    "tell_apart",
    "try_again",
    "undo_import",
    "undo_merge",
    "unlink",
]
