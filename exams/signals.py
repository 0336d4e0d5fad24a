"""The bell of this floor: higher floors listen, nobody here knows who."""

from django.dispatch import Signal

# Sent with `attempt` after its result became known to the candidate; receivers must be safe to repeat.
result_released = Signal()

# Sent with the keys of `registrations` whose seat is another one now, the reason `why`, empty where they get their first, and the person `by`, in the act's transaction.
seats_changed = Signal()
# Sent with `attempt`, `by` and `why` in the transaction that reverses a termination; what a receiver refuses is not done.
termination_reversed = Signal()
