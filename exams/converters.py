"""Parts of addresses."""

from django.urls import register_converter
from django.urls.converters import IntConverter


class KeyConverter(IntConverter):
    """A key of a table: a number that a database can hold, any other address is of nowhere."""

    regex = "[0-9]{1,18}"


register_converter(KeyConverter, "key")
