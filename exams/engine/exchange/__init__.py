"""Item workbooks as pure tables: rows of strings in, drafts out, and back again without a loss."""

from .drafts import Draft, Problem, Reading
from .reading import read_rows
from .writing import write_rows

__all__ = ["Draft", "Problem", "Reading", "read_rows", "write_rows"]
