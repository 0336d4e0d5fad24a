"""Documents on paper, wanted on a floor below the press: the floor that prints says here how, and whoever prints asks here."""

_press = []


class Unavailable(Exception):
    """This machine cannot print; the message says why."""


def prints_documents(press):
    """Name the function that makes a PDF of a template and its context."""
    _press[:] = [press]


def document(template_name, context) -> bytes:
    """A document of A4 pages in the language of whoever asks."""
    return _press[0](template_name, context)
