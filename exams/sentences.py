"""Sentences of the pure engine in the reader's language."""

from django.utils.translation import gettext


def say(sentence):
    """Give a sentence or a problem of the engine, translated and with its gaps filled."""
    return fill(sentence.template, sentence.params)


def fill(template, params):
    """Translate a template, then fill its gaps."""
    text = gettext(template)
    return text % params if params else text
