"""One file of settings, read from the environment; with nothing set, one machine and SQLite.

Variables: VAR_DIR, SECRET_KEY, FIELD_KEYS, DEBUG, ALLOWED_HOSTS, CSRF_TRUSTED_ORIGINS, BASE_URL, BEHIND_TLS, PROXY_COUNT,
DATABASE_URL, REDIS_URL, WEB_NODES, EMAIL_URL, DEMO, DEMO_PASSWORD, ISSUER_NAME. docs/operations.md tells each one's meaning.
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
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "django_tasks_db",
    "audit",
    "operations",
    "catalog",
    "accounts",
    "exams",
    "certificates",
    "dashboards",
    "config",
]

MIDDLEWARE = [
    "config.health.HealthMiddleware",
    "exams.middleware.PulseMiddleware",
    "operations.metrics.MeasureMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.csp.ContentSecurityPolicyMiddleware",
    "accounts.middleware.ChosenLanguageMiddleware",
    "exams.middleware.FloodMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.PersonMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.middleware.OwnPasswordMiddleware",
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
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ("username", "name", "email")}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]  # fmt: skip
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
ACCOUNT_FORMS = {"login": "accounts.forms.LoginForm", "change_password": "accounts.forms.ChangePasswordForm"}
ACCOUNT_EMAIL_SUBJECT_PREFIX = "【质考】"
# Failures to sign in are counted in the log of acts, see accounts/backends.py.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None, "verify_certificate": "60/m/ip"}
PROXY_COUNT = ALLAUTH_TRUSTED_PROXY_COUNT = env.int("PROXY_COUNT", default=0)

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
SESSION_COOKIE_AGE = 12 * 3600
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
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True

if env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(VAR_DIR / "mail")
EMAIL_TIMEOUT = 10  # seconds; a silent mail server must not keep the threads that save answers
DEFAULT_FROM_EMAIL = env.str("FROM_EMAIL", default="质考 <no-reply@zhikao.invalid>")

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
    ("tell-alarms", 60, "dashboards.tasks.tell_alarms"),
)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
READY_FREE_MEGABYTES = env.int("READY_FREE_MEGABYTES", default=200)
# What one browser, and one person, may send to a running attempt: each process allows so many a second after so many at once.
SAVES_PER_SECOND = env.float("SAVES_PER_SECOND", default=10)  # 0: no bound
SAVES_AT_ONCE = env.int("SAVES_AT_ONCE", default=40)
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
    }.items()
}

LOG_FORMAT = env.str("LOG_FORMAT", default="line")  # or json
ACCESS_LOG = env.str("ACCESS_LOG", default="")
LOGGING = logging_of(LOG_FORMAT, env.str("LOG_LEVEL", default="INFO"), ACCESS_LOG)
