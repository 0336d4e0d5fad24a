"""A body without its texts: what is needed to read an answer and to shuffle, and nothing that could be read."""

KEPT = ("id", "type", "weight")


def skeleton(body):
    """Give a body reduced to ids, types and structure."""
    bare = {}
    for name, value in body.items():
        if name in ("options", "blanks", "parts") and isinstance(value, list):
            bare[name] = [
                {k: v for k, v in one.items() if k in KEPT}
                | ({"body": skeleton(one["body"])} if "body" in one else {})
                for one in value
            ]
    return bare
