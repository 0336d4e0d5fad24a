"""Django's sessions in the database, read together with the person: every request of everybody asks for both."""

from copy import deepcopy
from datetime import timedelta
from functools import lru_cache

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.db.models import CharField, DateTimeField
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.prepared import Prepared, given

PERSON = ()
NOTED = ("began_at", "seen_at", "browser", "address")  # beside the data, and no part of it
GRAIN = timedelta(minutes=5)  # so often at most it is written that a browser was seen


def _login_and_person():
    from accounts.models import Login, User

    global PERSON
    PERSON = tuple(field.attname for field in User._meta.concrete_fields)
    return Login.objects.filter(
        session_key=given("key", CharField()), expire_date__gt=given("now", DateTimeField())
    ).values_list("session_data", *NOTED, *(f"person__{name}" for name in PERSON))


LOGIN_AND_PERSON = Prepared(_login_and_person)


@lru_cache(maxsize=2048)
def _decoded(session_data):
    return db.SessionStore().decode(session_data)


class SessionStore(db.SessionStore):
    """Rows of `Login`; `person` is whoever they say is signed in, or None, once the session was loaded."""

    person = None
    noted = None  # what a row tells of its browser, by the names of its columns
    is_unwritten = False  # has a key of its own, but no row yet

    @classmethod
    def get_model_class(cls):
        """The table."""
        from accounts.models import Login

        return Login

    def create_model_instance(self, data):
        """A row knows its person by the key that signing in leaves in the data."""
        row = super().create_model_instance(data)
        row.person_id = data.get(SESSION_KEY)
        for name, value in (self.noted or {}).items():
            setattr(row, name, value)
        return row

    def touch(self):
        """Note that the browser was seen, unless that was noted a few minutes ago; from now it lasts its time again."""
        now = timezone.now()
        if now - self.noted["seen_at"] < GRAIN:
            return
        lasting = timedelta(seconds=settings.SESSION_COOKIE_AGE)
        self.model.objects.filter(session_key=self.session_key).update(seen_at=now, expire_date=now + lasting)
        self.noted["seen_at"] = now

    def _get_new_session_key(self):
        """32 letters at random. That they are new need not be asked: `create` inserts and tries again where they are not."""
        return get_random_string(32, VALID_KEY_CHARS)

    def cycle_key(self):
        """A new key for the same data. The row is written once, with all that signing in adds, when the answer is made."""
        data, old = self._session, self.session_key
        self._session_key, self._session_cache = self._get_new_session_key(), data
        self.is_unwritten = self.modified = True
        if old:
            self.delete(old)

    def save(self, must_create=False):
        """Insert what has no row yet, update what has."""
        super().save(must_create=must_create or self.is_unwritten)
        self.is_unwritten = False

    @classmethod
    def clear_expired(cls):
        """Delete the sign-ins that are over, but for those of people on whom a hold lies."""
        cls.get_model_class().objects.disposable(timezone.now()).delete()

    def decode(self, session_data):
        """The data again. A row hardly ever changes, and checking its signature took a twentieth of a save."""
        return deepcopy(_decoded(session_data))

    def load(self):
        """Read data and person: one query."""
        from accounts.models import User

        row = LOGIN_AND_PERSON.one(key=self.session_key, now=timezone.now()) if self.session_key else None
        if row is None:
            self._session_key = None
            return {}
        first = 1 + len(NOTED)
        self.noted = dict(zip(NOTED, row[1:first], strict=True))
        if row[first] is not None:
            self.person = User.from_db("default", PERSON, row[first:])
        return self.decode(row[0])
