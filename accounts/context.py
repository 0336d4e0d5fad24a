"""What the frame around every page shows."""

from functools import cached_property

from django.urls import reverse

from accounts import acting_for, desks
from accounts.scope import administers_all, grants_of, posts_of

DESK_KEY = "desk"


def display(user):
    """How allauth names a person."""
    return user.name or user.username


def frame(request):
    """The frame of a request; it asks nothing until a template reads it."""
    return {"frame": Frame(request)}


class Frame:
    """Who is here, at which desk, and where she may go."""

    def __init__(self, request):
        self._request = request

    @cached_property
    def person(self):
        """The person signed in, or None."""
        user = getattr(self._request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @property
    def acting(self):
        """Who acts for whom, until when and why, or None."""
        return getattr(self._request, "representing", None) if self.person else None

    @cached_property
    def _desks(self):
        return desks.desks(grants_of(self.person), posts_of(self.person)) if self.person else []

    @cached_property
    def _desk(self):
        return desks.chosen(self._desks, self._request.session.get(DESK_KEY)) if self._desks else None

    @property
    def desk(self):
        """The code of the desk."""
        return self._desk.code if self._desk else ""

    @property
    def desk_label(self):
        """The desk in words; an officer's is her post."""
        return self._desk.label if self._desk else ""

    @property
    def unit_id(self):
        """The unit for which the person acts."""
        return self._desk.unit_id if self._desk else None

    @property
    def unit_name(self):
        """Its name."""
        return self._desk.unit_name if self._desk else ""

    @cached_property
    def desks(self):
        """All desks of the person, for the switcher."""
        return [
            {
                "code": desk.code,
                "value": desk.value,
                "label": desk.label,
                "unit_name": desk.unit_name,
                "url": reverse("people:switch_desk") + "?to=" + desk.value,
                "is_current": desk == self._desk,
            }
            for desk in self._desks
        ]

    @cached_property
    def nav(self):
        """The places of the desk by group."""
        if not self.person:
            return []
        roles = {held.role for held in grants_of(self.person)}
        if administers_all(self.person):
            roles.add(desks.WHOLE)
        closed = {"is_closed": acting_for.is_closed} if self.acting else {}
        return desks.navigation(self.desk, roles, self._request.path, **closed)

    @property
    def tabs(self):
        """The first four places, for the bar at the foot of a phone."""
        return [item for group in self.nav for item in group["items"]][:4]

    @cached_property
    def post(self):
        """The post under which an officer acts, or None."""
        if not self.person or self.desk != desks.OFFICER:
            return None
        return next((post for post in posts_of(self.person) if post.enterprise.unit_id == self.unit_id), None)

    @property
    def elder(self):
        """Whether the person chose large letters."""
        return bool(self.person and self.person.elder)

    @property
    def elder_url(self):
        """Where that choice is made."""
        return reverse("people:elder") if self.person else ""
