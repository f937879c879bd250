"""Every setting comes from the environment; `docs/settings.md` lists them all.

Readers are strict: a wrong value stops the start and names the variable. Without
SECRET_KEY this is a development checkout: DEBUG is on and the key is made in `var/`.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environs import Env, EnvValidationError, ValidationError, validate

from answering.database.connection import Connection
from answering.runtime import addresses
from answering.runtime.logs import configure_events, library_logging
from answering.twilio.sids import ACCOUNT, API_KEY, APPLICATION, is_sid

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env(eager=False)


def _address(example: str, *schemes: str, needs_host: bool = True) -> Callable[[str], None]:
    """A reader's check that a value is a URL of one of these schemes."""

    def check(value: str) -> None:
        problem = ValidationError(f"Not an address such as {example}.")
        try:
            parts = urlsplit(value)
            is_complete = bool(parts.hostname or not needs_host) and parts.port != 0
        except ValueError as error:
            raise problem from error
        if parts.scheme not in schemes or not is_complete:
            raise problem

    return check


def _named(prefix: str) -> Callable[[str], None]:
    """A reader's check that a value is one of Twilio's SIDs."""

    def check(value: str) -> None:
        if not is_sid(value, prefix):
            raise ValidationError(f"Not a SID of Twilio: {prefix} and 32 digits or letters a to f.")

    return check


def _secret_word(value: str) -> None:
    if not value or not value.isascii() or not value.isalnum():
        raise ValidationError("Not a secret of Twilio: letters and digits only.")


def _api_base(value: str) -> None:
    parts = urlsplit(value)
    is_origin = not (parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc)
    is_here = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not is_origin or (parts.scheme == "http" and not is_here):
        raise ValidationError("Not an origin such as https://api.twilio.com; plain http only to this machine.")


_web_address = _address("https://alio.example", "http", "https")
_mail_address = _address("submission://user:password@mail.example", "smtp", "submission", "submit")
_redis_address = _address("redis://127.0.0.1:6379/0", "redis", "rediss", "unix", needs_host=False)
_database_address = _address(
    "postgresql://user:password@127.0.0.1/alio", "postgres", "postgresql", "postgis", needs_host=False
)

# -- who we are --------------------------------------------------------------------------
SECRET_KEY = env.str("SECRET_KEY", default="")
DEBUG = env.bool("DEBUG", default=not SECRET_KEY)
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000", validate=_web_address)
LIVE_URL = env.str("LIVE_URL", default="http://127.0.0.1:8001/live/", validate=_web_address)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])

# -- engines -----------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", default=addresses.redis_url(), validate=_redis_address)
DATABASE_POOL_SIZE = env.int("DATABASE_POOL_SIZE", default=8, validate=validate.Range(min=0))
DATABASE_STATEMENT_SECONDS = env.int("DATABASE_STATEMENT_SECONDS", default=0, validate=validate.Range(min=0))
_database = env.dj_db_url(
    "DATABASE_URL", default=env.str("DATABASE_URL", default=addresses.database_url(), validate=_database_address)
)
_email = env.dj_email_url(
    "EMAIL_URL", default=env.str("EMAIL_URL", default="smtp://127.0.0.1:8002", validate=_mail_address)
)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Alio <alio@localhost>")

# -- telephone ---------------------------------------------------------------------------
ICE_SERVERS = env.json("ICE_SERVERS", default=[])
CALLS_PER_ADDRESS = env.int("CALLS_PER_ADDRESS", default=10, validate=validate.Range(min=1))
WAITING_PER_LINE = env.int("WAITING_PER_LINE", default=20, validate=validate.Range(min=1))

# -- Twilio ------------------------------------------------------------------------------
TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", default="", validate=_named(ACCOUNT))
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", default="", validate=_secret_word)
TWILIO_API_KEY = env.str("TWILIO_API_KEY", default="", validate=_named(API_KEY))
TWILIO_API_SECRET = env.str("TWILIO_API_SECRET", default="", validate=_secret_word)
TWILIO_APPLICATION_SID = env.str("TWILIO_APPLICATION_SID", default="", validate=_named(APPLICATION))
TWILIO_API_BASE = env.str("TWILIO_API_BASE", default="https://api.twilio.com", validate=[_web_address, _api_base])

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR"]))

try:
    env.seal()
except EnvValidationError as error:
    found = "; ".join(
        f"{name}: {texts[0]}" for name, texts in cast("dict[str, list[str]]", error.error_messages).items()
    )
    raise ImproperlyConfigured(f"Wrong settings in the environment. {found}") from error

if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured("SECRET_KEY must be set when DEBUG is off.")
    SECRET_KEY = addresses.development_secret()

IS_HTTPS = PUBLIC_URL.startswith("https://")

# -- application -------------------------------------------------------------------------
INSTALLED_APPS = [
    "answering.runtime",
    "answering.push",
    "answering.pulse",
    "answering.twilio",
    "answering.accounts",
    "answering.outbox",
    "clients",
    "calls",
    "inquiries",
    "billing",
    "answering.console",
    "answering.portal",
    "answering.desk",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "django_prometheus",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "answering.accounts.middleware.PersonalSettingsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "answering.urls"
WSGI_APPLICATION = "answering.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# By itself the pool would try again after 1, 2, 4, 8… s and so stay away long after the database is back. Given up
# after a second, the next request makes a new attempt.
_pool = {
    "min_size": 1,
    "max_size": DATABASE_POOL_SIZE,
    "timeout": 2,
    "reconnect_timeout": 1,
    "connection_class": Connection,
}
# Sessions live in the database and the cache is per process: Redis may be emptied at any moment.
DATABASES = {
    "default": {
        **_database,
        "ENGINE": "answering.database",
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **_database.get("OPTIONS", {}),
            "connect_timeout": 2,
            # A server that has gone without a word is noticed within seconds, not after the two hours of TCP.
            "tcp_user_timeout": 5_000,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            **(
                {"options": f"-c statement_timeout={DATABASE_STATEMENT_SECONDS}s"} if DATABASE_STATEMENT_SECONDS else {}
            ),
            # Only for what asks for it (calls/services/prepared.py). Without a pool a connection lives too shortly, and
            # behind PgBouncer it is shared.
            "prepare_threshold": 5 if DATABASE_POOL_SIZE else None,
            **({"pool": _pool} if DATABASE_POOL_SIZE else {}),
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# -- mail --------------------------------------------------------------------------------
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_HOST = _email["EMAIL_HOST"]
EMAIL_PORT = _email["EMAIL_PORT"]
EMAIL_HOST_USER = _email["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_SSL = _email["EMAIL_USE_SSL"]
EMAIL_USE_TLS = _email["EMAIL_USE_TLS"]
EMAIL_TIMEOUT = 15

# -- sign-in -----------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "answering.accounts.backends.StaffBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "answering.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_RATE_LIMITS = {"login_failed": False}  # django-axes counts failures, in the database
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Alio"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "answering.accounts.network.client_ip"
AXES_USERNAME_CALLABLE = "answering.accounts.adapter.login_name"
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

# -- languages, time ---------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("lv", _("Latvian")), ("lt", _("Lithuanian")), ("el", _("Greek"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# -- files -------------------------------------------------------------------------------
SPOOL_DIR = BASE_DIR / "var" / "spool"  # what came by telephone while the database was away
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static-collected"
_voice_sdk = BASE_DIR / "node_modules" / "@twilio" / "voice-sdk" / "dist"  # by `make twilio-sdk`
STATICFILES_DIRS = [BASE_DIR / "static", *([("voice-sdk", _voice_sdk)] if _voice_sdk.is_dir() else [])]
MEDIA_ROOT = BASE_DIR / "var" / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "answering.runtime.static_storage.HashedStaticFiles"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# -- trust -------------------------------------------------------------------------------
_live_origin = "{0.scheme}://{0.netloc}".format(urlsplit(LIVE_URL))
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "media-src": [SELF, "blob:"],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "connect-src": [SELF, _live_origin],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(PUBLIC_URL))]
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
# As much as the largest script in the editor: 200 steps in four languages.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 15_000

# -- background work ---------------------------------------------------------------------
CELERY_BROKER_URL = addresses.broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_TIME_LIMIT = 120
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,
    "socket_connect_timeout": 0.3,
    "socket_timeout": 5,
    "global_keyprefix": "alio:",
}
CELERY_BEAT_SCHEDULE_FILENAME = str(BASE_DIR / "var" / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "pulse-worker": {"task": "answering.pulse.tasks.pulse_worker", "schedule": 5.0, "options": {"expires": 10}},
    "deliver-outbox": {"task": "answering.outbox.tasks.deliver_due", "schedule": 10.0, "options": {"expires": 10}},
    "deliver-sms": {"task": "answering.outbox.tasks.deliver_sms_due", "schedule": 10.0, "options": {"expires": 10}},
    "rate-closed-calls": {"task": "billing.tasks.rate_closed_calls", "schedule": 15.0, "options": {"expires": 15}},
    "rate-forgotten-calls": {
        "task": "billing.tasks.rate_forgotten_calls",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "ask-about-callers": {"task": "calls.tasks.ask_about_callers", "schedule": 15.0, "options": {"expires": 15}},
    "request-from-texts": {"task": "inquiries.tasks.request_from_texts", "schedule": 15.0, "options": {"expires": 15}},
    "tell-of-changes": {"task": "clients.tasks.tell_of_changes", "schedule": 60.0, "options": {"expires": 60}},
    "put-terms-in-force": {"task": "clients.tasks.put_terms_in_force", "schedule": 15.0, "options": {"expires": 15}},
    "follow-changed-hours": {
        "task": "inquiries.tasks.follow_changed_hours",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "carry-on-imports": {"task": "clients.tasks.carry_on_imports", "schedule": 10.0, "options": {"expires": 10}},
    "forget-imports": {"task": "clients.tasks.forget_imports", "schedule": 600.0, "options": {"expires": 600}},
    "request-call-backs": {"task": "inquiries.tasks.request_call_backs", "schedule": 15.0, "options": {"expires": 15}},
}
CELERY_TIMEZONE = "UTC"

# -- logs --------------------------------------------------------------------------------
LOGGING = library_logging(LOG_LEVEL, for_terminal=DEBUG)
configure_events(LOG_LEVEL, for_terminal=DEBUG)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
