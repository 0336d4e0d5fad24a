"""What other floors may ask of practice."""

from practice.queries.state import counts, due_count

__all__ = ["counts", "due_count"]
