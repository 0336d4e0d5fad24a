"""The end of a phone as its mask shows it, in a form that an index can hold."""

from django.db.models import CharField, Func


class Tail(Func):
    """What follows the stars of `199****1234`. The place stands in the text of the statement, for an index is not found by a
    place that is sent beside it.
    """

    template = "SUBSTR(%(expressions)s, 8)"
    output_field = CharField()
