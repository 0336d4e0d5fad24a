"""The order in which a candidate sees a paper: items shuffled in their sections, options in their items."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from .chance import rank
from .items import ITEM_TYPES


@dataclass(frozen=True)
class Place:
    """One place of a paper: its position, its section and the item that stands there."""

    position: int
    section: str
    item_type: str
    body: Mapping = field(default_factory=dict)


def lay_out_paper(places, seed, shuffle_items=True, shuffle_options=True):
    """Give the layout as JSON: the positions in the order shown, and each item's own layout by position."""
    places = sorted(places, key=lambda place: place.position)
    order = [place.position for place in places]
    if shuffle_items:
        sections = defaultdict(list)
        for place in places:
            sections[place.section].append(place.position)
        shuffled = {name: iter(rank(positions, f"{seed}:items")) for name, positions in sections.items()}
        order = [next(shuffled[place.section]) for place in places]
    options = {
        str(place.position): ITEM_TYPES[place.item_type].lay_out(
            place.body, f"{seed}:{place.position}" if shuffle_options else None
        )
        for place in places
    }
    return {"order": order, "options": options}
