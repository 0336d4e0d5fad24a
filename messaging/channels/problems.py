"""How a letter may fail to go; what is told names neither address nor words, for it ends in the ledger."""


class Problem(Exception):
    """Why a letter did not go."""


class NotNow(Problem):
    """The other side could not take it just now; it is tried again."""


class Never(Problem):
    """The other side will not take it; the next channel is tried."""


class Unknown(Problem):
    """The line broke after it was handed over; nobody knows what arrived, so nothing is tried again."""


class Withheld(Problem):
    """Test mode: it was not even tried."""
