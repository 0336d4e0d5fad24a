"""One file of settings, read from the environment; with nothing set, one machine and SQLite.

Variables: VAR_DIR, SECRET_KEY, FIELD_KEYS, DEBUG, ALLOWED_HOSTS, CSRF_TRUSTED_ORIGINS, BASE_URL, BEHIND_TLS, HSTS_SUBDOMAINS,
PROXY_COUNT, DATABASE_URL, REDIS_URL, WEB_NODES, EMAIL_URL, SMS_ADAPTER, SMS_URL, SMS_KEY_ID, SMS_SECRET, DEMO, DEMO_PASSWORD,
ISSUER_NAME, NUMBERS_KEPT_YEARS, MOST_EMPLOYERS, SECOND_FACTOR, PASSWORD_DAYS, IDLE_<ROLE>, DELEGATION_DAYS, ACTING_MINUTES,
WEIXIN_…, WECOM_…, DINGTALK_…, LEARNING_…, LIVE_HOSTS, MESSAGES_TEST, MESSAGE_CHANNELS, QUIET_HOURS, DIGEST_WEEKDAY, MESSAGES_KEPT_DAYS.
docs/operations.md tells each one's meaning.
"""

from pathlib import Path

import environ

from config.keys import field_keys, secret_key
from operations.logs import logging_of

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or secret_key(VAR_DIR)
# Newest key first: it encrypts; every key listed decrypts.
FIELD_KEYS = field_keys(env.str("FIELD_KEYS", default=""), VAR_DIR)
FIELD_KEYS_FILE = None if env.str("FIELD_KEYS", default="") else VAR_DIR / "field_keys.json"

BEHIND_TLS = env.bool("BEHIND_TLS", default=False)
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
DEMO = env.bool("DEMO", default=False)
DEMO_PASSWORD = env.str("DEMO_PASSWORD", default="zhikao-demo-2026")
ISSUER_NAME = env.str("ISSUER_NAME", default="天津市工业产品质量安全培训考核平台（演示）")
SEAL_SVG = env.str("SEAL_SVG", default="")  # a file; without it the demo seal, which reads 演示

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "django_tasks_db",
    "audit",
    "operations",
    "catalog",
    "accounts",
    "messaging",
    "exams",
    "courses",
    "practice",
    "supervision",
    "certificates",
    "dashboards",
    "api",
    "config",
]

MIDDLEWARE = [
    "config.health.HealthMiddleware",
    "exams.middleware.PulseMiddleware",
    "operations.metrics.MeasureMiddleware",
    "api.middleware.NoCookiesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.csp.ContentSecurityPolicyMiddleware",
    "accounts.middleware.ChosenLanguageMiddleware",
    "exams.middleware.FloodMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.noughts.NoughtsMiddleware",
    "accounts.middleware.PersonMiddleware",
    "accounts.middleware.SignInMiddleware",
    "accounts.middleware.ActingForMiddleware",
    "accounts.middleware.OwnPasswordMiddleware",
    "accounts.middleware.NoticeMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "audit.middleware.WhoActsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.frame",
                "config.context.demo",
            ],
            "builtins": [
                "django.templatetags.static",
                "django.templatetags.i18n",
                "accounts.templatetags.pieces",
            ],
        },
    }
]

# --- Data -----------------------------------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", default="")
BEHIND_POOLER = env.bool("BEHIND_POOLER", default=False)
DIRECT_DATABASE_URL = env.str("DIRECT_DATABASE_URL", default="")  # manage.py takes it; only the checks ask
if DATABASE_URL:
    DATABASES = {"default": env.db_url_config(DATABASE_URL)}
    DATABASES["default"].update(CONN_MAX_AGE=None, CONN_HEALTH_CHECKS=True)
    # A machine that vanished without a word is given up after seconds, not after the quarter of an hour that TCP allows itself.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        connect_timeout=5,
        tcp_user_timeout=15_000,
        keepalives_idle=30,
        keepalives_interval=5,
        keepalives_count=3,
    )
    if BEHIND_POOLER:
        # PgBouncer gives each transaction another connection: nothing may be left behind on one.
        DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
    else:
        # A statement sent three times is planned once: half of what PostgreSQL did for a sitting was planning.
        DATABASES["default"]["OPTIONS"].update(server_side_binding=True, prepare_threshold=3)
else:
    # WAL with synchronous FULL: an acknowledged answer is on the disk. IMMEDIATE: no upgrade of a read lock that could fail.
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(VAR_DIR / "zhikao.sqlite3"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA cache_size=-20000;"
                "PRAGMA mmap_size=134217728;",
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
WEB_NODES = env.int("WEB_NODES", default=1)  # how many machines serve; only the checks ask
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2, "health_check_interval": 30},
        }
    }
else:
    # A table is shared by all processes and nodes, so rate limits count right, and it is large enough that a flood of names
    # does not push a counter out.
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "cache",
            "OPTIONS": {"MAX_ENTRIES": 200_000},
        }
    }

MEDIA_ROOT = VAR_DIR / "media"
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.storage.StaticFiles"},
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

# --- People ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.Backend"]
PASSWORD_HASHERS = ["accounts.hashers.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.validators.NotSimilar",
     "OPTIONS": {"user_attributes": ("username", "name", "email")}},
    {"NAME": "accounts.validators.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "accounts.validators.NotCommon"},
    {"NAME": "accounts.validators.Mixed"},
    {"NAME": "accounts.validators.NotAboutOneself"},
    {"NAME": "accounts.validators.NotUsedBefore"},
]  # fmt: skip
# After so many days regulators and administrators choose a new password; 0: never. The demo's is printed on its front door.
PASSWORD_DAYS = env.int("PASSWORD_DAYS", default=0 if DEMO else 90)
# Whether whoever regulates, edits, reviews or administers must have a second factor; others may.
SECOND_FACTOR = env.bool("SECOND_FACTOR", default=not DEMO)
# Minutes after which a silent browser is signed out, by role; of several roles the shortest time. A sitting in progress goes on.
IDLE_MINUTES = {
    role: env.int(f"IDLE_{role.upper()}", default=minutes)
    for role, minutes in {
        "regulator": 30,
        "editor": 30,
        "reviewer": 30,
        "admin": 30,
        "manager": 8 * 60,
        "officer": 12 * 60,  # whoever holds no role
    }.items()
}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "phone", "email"}
ACCOUNT_SIGNUP_FIELDS = ["phone*", "username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PHONE_VERIFICATION_ENABLED = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # that letter invites strangers to sign up, which nobody does here
ACCOUNT_USER_DISPLAY = "accounts.context.display"
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "reauthenticate": "accounts.forms_signin.PasswordAgainForm",
}
ACCOUNT_EMAIL_SUBJECT_PREFIX = "【质考】"
# Failures to sign in are counted in the log of acts, see accounts/backends.py.
MFA_ADAPTER = "accounts.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "质考"
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_FORMS = {
    "authenticate": "accounts.forms_signin.CodeForm",
    "reauthenticate": "accounts.forms_signin.CodeAgainForm",
    "activate_totp": "accounts.forms_signin.ActivateForm",
    "authenticate_webauthn": "accounts.forms_signin.PasskeyForm",
    "reauthenticate_webauthn": "accounts.forms_signin.PasskeyAgainForm",
    "add_webauthn": "accounts.forms_signin.AddPasskeyForm",
    "edit_webauthn": "accounts.forms_signin.EditPasskeyForm",
}
# Signing in by an account elsewhere, each from the moment on in which its application's id is set. The addresses are for tests
# and for whoever stands behind a gateway of her own.
OUTSIDE = {
    code: given
    for code, given in {
        "weixin": {
            "id": env.str("WEIXIN_APP_ID", default=""),
            "secret": env.str("WEIXIN_SECRET", default=""),
            "site": env.str("WEIXIN_SITE", default="https://open.weixin.qq.com"),
            "api": env.str("WEIXIN_API", default="https://api.weixin.qq.com"),
        },
        "wecom": {
            "id": env.str("WECOM_CORP_ID", default=""),
            "agent": env.str("WECOM_AGENT_ID", default=""),
            "secret": env.str("WECOM_SECRET", default=""),
            "site": env.str("WECOM_SITE", default="https://login.work.weixin.qq.com"),
            "open": env.str("WECOM_OPEN", default="https://open.weixin.qq.com"),
            "api": env.str("WECOM_API", default="https://qyapi.weixin.qq.com"),
        },
        "dingtalk": {
            "id": env.str("DINGTALK_CLIENT_ID", default=""),
            "secret": env.str("DINGTALK_SECRET", default=""),
            "site": env.str("DINGTALK_SITE", default="https://login.dingtalk.com"),
            "api": env.str("DINGTALK_API", default="https://api.dingtalk.com"),
        },
    }.items()
    if given["id"]
}
SOCIALACCOUNT_ADAPTER = "accounts.outside.Adapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
# A browser keeps a passkey for one name and only behind TLS; on this machine's own name it does so without.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not BEHIND_TLS
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None, "verify_certificate": "60/m/ip"}
DELEGATION_DAYS = env.int("DELEGATION_DAYS", default=90)  # for how long at most a role is lent to a colleague
ACTING_MINUTES = env.int(
    "ACTING_MINUTES", default=30
)  # for how long at most an administrator acts for another
# For how long phone and ID number are kept after the last post, role, sign-in or line in the file.
NUMBERS_KEPT_YEARS = env.int("NUMBERS_KEPT_YEARS", default=3)
PROXY_COUNT = ALLAUTH_TRUSTED_PROXY_COUNT = env.int("PROXY_COUNT", default=0)

# Whoever is in post in more enterprises than this is pointed out: nobody can be everywhere.
MOST_EMPLOYERS = env.int("MOST_EMPLOYERS", default=3)

# From how many people and how much turnover (10,000 yuan a year) on an enterprise is of a size; whoever reaches less is micro.
# Only the size of enterprises whose figures are known depends on it. Written from memory of the statistical classes of 2017
# (industry; retail trade): the operator checks them against the text in force.
SIZE_THRESHOLDS = {
    "industry": {"large": (1000, 40_000), "medium": (300, 2_000), "small": (20, 300)},
    "trade": {"large": (300, 20_000), "medium": (50, 500), "small": (10, 100)},
}

# --- Words and time -------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [VAR_DIR / "locale", BASE_DIR / "locale"]  # the first only where the tree may not be written
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
FORMAT_MODULE_PATH = ["config.formats"]

CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Safety ---------------------------------------------------------------------------------------------------------
SESSION_ENGINE = (
    "accounts.sessions"  # one query gives session and person; a cache in front would save nothing
)
SESSION_COOKIE_NAME = "zhikao_session"
SESSION_COOKIE_AGE = 60 * max(
    IDLE_MINUTES.values()
)  # from the last sign of life on, see accounts/sessions.py
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.bool("HSTS_SUBDOMAINS", default=True)
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True

if env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(VAR_DIR / "mail")
EMAIL_TIMEOUT = 10  # seconds; a silent mail server must not keep the threads that save answers
DEFAULT_FROM_EMAIL = env.str("FROM_EMAIL", default="质考 <no-reply@zhikao.invalid>")

# Short messages: by "file" nobody gets any; "http" is the gateway of docs/operations.md.
SMS_ADAPTER = env.str("SMS_ADAPTER", default="file")
SMS_FILE = str(VAR_DIR / "sms.log")
SMS_URL = env.str("SMS_URL", default="")
SMS_KEY_ID = env.str("SMS_KEY_ID", default="")
SMS_SECRET = env.str("SMS_SECRET", default="")

# Messages. In test mode everything is planned and arrives in the inbox, and nothing leaves the house.
MESSAGES_TEST = env.bool("MESSAGES_TEST", default=DEMO)
MESSAGE_CHANNELS = env.list(
    "MESSAGE_CHANNELS", default=["wecom", "email", "sms"]
)  # the first that reaches her
QUIET_HOURS = env.str("QUIET_HOURS", default="22:00-07:30")  # on the clock on the wall; empty: none
DIGEST_WEEKDAY = env.int("DIGEST_WEEKDAY", default=1)  # 1 is Monday
MESSAGES_KEPT_DAYS = env.int("MESSAGES_KEPT_DAYS", default=730)
# Cards to members of 企业微信 by the application of WECOM_…; "file" writes them to a file for trials, "http" sends them.
WECOM_ADAPTER = env.str("WECOM_ADAPTER", default="file")
WECOM_FILE = str(VAR_DIR / "wecom.log")

SILENCED_SYSTEM_CHECKS = env.list("SILENCED_CHECKS", default=[])

# --- Operations -----------------------------------------------------------------------------------------------------
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
TASK_TRIES = 5  # with 10 s, 40 s, 160 s and 640 s between them
# Swept by the background worker: name, every so many seconds, task. An exam depends on none of them.
PERIODIC_JOBS = (
    ("close-overdue", 60, "exams.tasks.close_overdue"),
    ("top-up-papers", 300, "exams.tasks.top_up_papers"),
    ("clear-sessions", 24 * 3600, "operations.tasks.clear_sessions"),
    ("prune", 24 * 3600, "operations.tasks.prune"),
    ("forget-codes", 24 * 3600, "accounts.tasks.forget_codes"),
    ("tell-alarms", 60, "dashboards.tasks.tell_alarms"),
    ("seal-log", 60, "audit.tasks.seal_log"),
    ("note-alerts", 6 * 3600, "accounts.tasks.note_alerts"),
    ("mail-alerts", 24 * 3600, "accounts.tasks.mail_alerts"),  # a day begins at 0:00 UTC, which is 8:00 here
    ("clear-packages", 3600, "supervision.tasks.clear_packages"),
    ("clear-training-files", 3600, "courses.tasks_files.clear_exports"),
    ("fill-plans", 3600, "courses.tasks_plans.fill_plans"),
    ("close-learned-days", 3600, "courses.tasks_plans.close_days"),
    ("forget-imports", 600, "accounts.tasks.forget_old_imports"),
    ("plan-messages", 3600, "messaging.tasks.plan"),
    ("send-messages", 60, "messaging.tasks.send"),
    ("forget-messages", 24 * 3600, "messaging.tasks.forget"),
)
# How a lesson page beats and when it asks whether somebody is there, in seconds; see courses/engine/hours.py.
LEARNING = {
    name: env.int(f"LEARNING_{name.upper()}", default=seconds)
    for name, seconds in {
        "every": 15, "apart": 40, "least": 5, "check_from": 90, "check_to": 240, "answer_within": 60,
    }.items()
}  # fmt: skip
# Hosts of live classes whose addresses may be followed from our pages; all others are shown as text.
LIVE_HOSTS = env.list("LIVE_HOSTS", default=[])
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
READY_FREE_MEGABYTES = env.int("READY_FREE_MEGABYTES", default=200)
# What one browser, and one person, may send to a running attempt: each process allows so many a second after so many at once.
SAVES_PER_SECOND = env.float("SAVES_PER_SECOND", default=10)  # 0: no bound
SIGNALS_NOTABLE = env.int(
    "SIGNALS_NOTABLE", default=5
)  # so many of one attempt stand out on the live page; they decide nothing
SAVES_AT_ONCE = env.int("SAVES_AT_ONCE", default=40)
# The same for one token of another system.
API_PER_SECOND = env.float("API_PER_SECOND", default=10)  # 0: no bound
API_AT_ONCE = env.int("API_AT_ONCE", default=40)
# Beyond these the operator page shows an alarm; each may be set as ALARM_<NAME>.
ALARMS = {
    name: env.float(f"ALARM_{name.upper()}", default=limit)
    for name, limit in {
        "queue_seconds": 120,
        "running_seconds": 900,
        "failed_tasks": 0,
        "save_milliseconds": 500,
        "overdue_attempts": 0,
        "clock_seconds": 1,
        "disk_gigabytes": 2,
        "backup_hours": 26,
        "lacking_sessions": 0,
        "unsealed_minutes": 60,
        "silent_batches": 0,
    }.items()
}

LOG_FORMAT = env.str("LOG_FORMAT", default="line")  # or json
ACCESS_LOG = env.str("ACCESS_LOG", default="")
LOGGING = logging_of(LOG_FORMAT, env.str("LOG_LEVEL", default="INFO"), ACCESS_LOG)
