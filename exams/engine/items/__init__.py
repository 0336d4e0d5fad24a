"""The item types: to add one, write one file and add it to this table."""

from .base import ItemType, Problem, Unreadable
from .blank import BLANK
from .case import CASE
from .multiple import MULTIPLE
from .single import SINGLE
from .truefalse import TRUEFALSE

ITEM_TYPES: dict[str, ItemType] = {kind.code: kind for kind in (SINGLE, MULTIPLE, TRUEFALSE, BLANK, CASE)}

__all__ = ["ITEM_TYPES", "ItemType", "Problem", "Unreadable"]
