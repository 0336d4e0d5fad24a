"""Short messages: one way out, by whichever adapter the settings name.

An adapter is a function `send(phone, template, parameters)` that returns when the message is on its way and otherwise raises
`NotSent`. What goes wrong is told without phone and parameters, for the sentence ends in logs. A template is a name; its
words are the gateway's, which registers them with the operators: `sign_in_code` has `code` and `minutes`; the reminders' are listed in
docs/messages.md.
"""

from django.conf import settings
from django.utils.module_loading import import_string

ADAPTERS = {"file": "accounts.sms.file.send", "http": "accounts.sms.http.send"}


NOW, EVER, UNKNOWN = "now", "ever", "unknown"


class NotSent(Exception):
    """A message that did not leave; why, without whom or what. `how` says whether it did not now, will not ever, or may have after all."""

    def __init__(self, why="", how=NOW):
        super().__init__(why)
        self.how = how


def send(phone, template, parameters):
    """Hand a message to the adapter of the settings: one of ours by its short name, or the path of another's function."""
    import_string(ADAPTERS.get(settings.SMS_ADAPTER, settings.SMS_ADAPTER))(phone, template, parameters)
