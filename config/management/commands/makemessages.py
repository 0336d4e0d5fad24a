"""Django's own command, which also reads the mark N_ of pure code that may not import Django."""

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Collect sentences; `N_("…")` marks one that the caller translates."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=N_"]
