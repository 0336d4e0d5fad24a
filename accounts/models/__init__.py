from accounts.models.people import User
from accounts.models.posts import Post, PostKind
from accounts.models.record import RecordEntry, RecordKind
from accounts.models.roles import Role, RoleGrant
from accounts.models.sessions import Login
from accounts.models.units import Enterprise, Unit

__all__ = [
    "Enterprise",
    "Login",
    "Post",
    "PostKind",
    "RecordEntry",
    "RecordKind",
    "Role",
    "RoleGrant",
    "Unit",
    "User",
]
