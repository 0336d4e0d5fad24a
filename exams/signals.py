"""The bell of this floor: higher floors listen, nobody here knows who."""

from django.dispatch import Signal

# Sent with `attempt` after its result became known to the candidate; receivers must be safe to repeat.
result_released = Signal()
