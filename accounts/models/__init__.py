from accounts.models.alerts import AlertMail, AlertNote
from accounts.models.codes import PhoneCode
from accounts.models.imports import Import
from accounts.models.merging import Merge, NotSame
from accounts.models.papers import PostPaper
from accounts.models.passwords import FormerPassword
from accounts.models.people import User
from accounts.models.posts import Post, PostKind
from accounts.models.privacy import Acceptance, Hold, Notice
from accounts.models.record import Qualification, RecordEntry, RecordKind
from accounts.models.roles import Role, RoleGrant
from accounts.models.sessions import Login
from accounts.models.tokens import ApiToken, TokenScope
from accounts.models.units import Enterprise, Unit

__all__ = [
    "Acceptance",
    "AlertMail",
    "AlertNote",
    "ApiToken",
    "Enterprise",
    "FormerPassword",
    "Hold",
    "Import",
    "Login",
    "Merge",
    "NotSame",
    "Notice",
    "PhoneCode",
    "Post",
    "PostKind",
    "PostPaper",
    "Qualification",
    "RecordEntry",
    "RecordKind",
    "Role",
    "RoleGrant",
    "TokenScope",
    "Unit",
    "User",
]
