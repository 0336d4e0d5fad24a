"""Sentences for people, kept apart from their parameters so that the caller can translate them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


def N_(text):
    """Mark a Chinese sentence for translation by the caller."""
    return text


@dataclass(frozen=True)
class Sentence:
    """A sentence with named gaps: translate `template`, then fill in `params`; `str` gives the Chinese."""

    template: str
    params: Mapping = field(default_factory=dict)

    def __str__(self):
        return self.template % self.params if self.params else self.template
