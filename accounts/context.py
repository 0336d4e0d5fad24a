"""What the frame around every page shows."""


def display(user):
    """How allauth names a person."""
    return user.name or user.username


def frame(request):
    """Filled by the desks."""
    return {"frame": None}
