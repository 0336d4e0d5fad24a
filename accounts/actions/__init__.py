"""The acts of this floor: each one transaction and its audit line."""

from accounts.actions.importing import import_people
from accounts.actions.passwords import issue_password, keep_password
from accounts.actions.people import enter_person, make_administrator, reveal, set_elder
from accounts.actions.posts import appoint, dismiss, take_on
from accounts.actions.roles import end_grant, grant

__all__ = [
    "appoint",
    "dismiss",
    "end_grant",
    "enter_person",
    "grant",
    "import_people",
    "issue_password",
    "keep_password",
    "make_administrator",
    "reveal",
    "set_elder",
    "take_on",
]
