"""Django's sessions in the database, read together with the person: every request of everybody asks for both."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.db.models import CharField, DateTimeField
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.prepared import Prepared, given

PERSON = ()


def _login_and_person():
    from accounts.models import Login, User

    global PERSON
    PERSON = tuple(field.attname for field in User._meta.concrete_fields)
    return Login.objects.filter(
        session_key=given("key", CharField()), expire_date__gt=given("now", DateTimeField())
    ).values_list("session_data", *(f"person__{name}" for name in PERSON))


LOGIN_AND_PERSON = Prepared(_login_and_person)


class SessionStore(db.SessionStore):
    """Rows of `Login`; `person` is whoever they say is signed in, or None, once the session was loaded."""

    person = None
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
        return row

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

    def load(self):
        """Read data and person: one query."""
        from accounts.models import User

        row = LOGIN_AND_PERSON.one(key=self.session_key, now=timezone.now()) if self.session_key else None
        if row is None:
            self._session_key = None
            return {}
        if row[1] is not None:
            self.person = User.from_db("default", PERSON, row[1:])
        return self.decode(row[0])
