"""Django's settings, worked out from the one typed configuration."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from quarterdeck.core.doors import Hourly, Provider
from quarterdeck.site import config as configuration
from quarterdeck.site import embedded, logs

CONFIG = configuration.load()
AS_OWNER = os.environ.get("QUARTERDECK_AS_OWNER") == "1"

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = CONFIG.secret_key
BASE_URL = CONFIG.base_url
DEBUG = CONFIG.debug
ALLOWED_HOSTS = list(CONFIG.hosts)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "django_filters",
    # Before allauth, so that its pages wear our templates.
    "quarterdeck.core",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "quarterdeck.projects",
    "quarterdeck.exchange",
    "quarterdeck.reporting",
    "quarterdeck.site",
]

MIDDLEWARE = [
    "quarterdeck.site.logs.requests",
    "quarterdeck.core.web.middleware.sealed",
    "quarterdeck.site.health.first",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "quarterdeck.core.api.problems.problems",
    "quarterdeck.core.web.middleware.watched",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "quarterdeck.core.web.middleware.measured",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "quarterdeck.core.web.middleware.SignedInOnly",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "quarterdeck.core.web.middleware.Answers",
]

ROOT_URLCONF = "quarterdeck.site.urls"
WSGI_APPLICATION = "quarterdeck.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "quarterdeck.core.web.shell.context",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "quarterdeck.core.templatetags.qd",
                "quarterdeck.core.templatetags.links",
            ],
        },
    }
]


def _database(url: str) -> dict[str, Any]:
    """Django's form of a PostgreSQL address."""
    parts = urlsplit(url)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    host = unquote(query.pop("host", "") or parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": 0 if AS_OWNER else 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "options": "-c statement_timeout=30000 -c lock_timeout=5000 -c timezone=UTC",
            **{name: value for name, value in query.items() if name.startswith("ssl")},
        },
    }


_app_url, _owner_url = embedded.urls(CONFIG)
DATABASES = {"default": _database(_owner_url if AS_OWNER else _app_url)}
if AS_OWNER:
    # A migration may take longer than a page, but it does not queue behind readers for long.
    DATABASES["default"]["OPTIONS"]["options"] = "-c statement_timeout=0 -c lock_timeout=5000 -c timezone=UTC"
elif CONFIG.database_pool == "external":
    # A pooler hands a connection on after each transaction, so nothing may depend on the session: no cursor outlives
    # its transaction, and the limits of `options` are the role's (docs/operate/scale.md).
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
    del DATABASES["default"]["OPTIONS"]["options"]
elif CONFIG.database_pool and os.environ.get("QUARTERDECK_PROCESS") == "web":
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": int(CONFIG.database_pool), "timeout": 10}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "core.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "quarterdeck.core.web.accounts.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
# Without this an address nobody has is sent a mail that invites to sign up, which nobody can.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Both would be counted in each process alone; ours are counted in the database.
ACCOUNT_RATE_LIMITS = False
MFA_RATE_LIMITS = False
ACCOUNT_FORMS = {"reset_password": "quarterdeck.core.forms.account.Reset"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# A link in a mail to choose another password.
PASSWORD_RESET_TIMEOUT = 60 * 60

# How many proxies of ours stand in front.
PROXIES = CONFIG.proxies
HOURLY = Hourly(exports=CONFIG.exports_per_hour, imports=CONFIG.imports_per_hour)
API_CALLS_PER_MINUTE = CONFIG.api_calls_per_minute
SINGLE_SIGN_ON = (
    Provider(CONFIG.oidc_issuer, CONFIG.oidc_client_id, CONFIG.oidc_client_secret, CONFIG.oidc_name)
    if CONFIG.oidc_issuer
    else None
)

SESSION_ENGINE = "quarterdeck.core.web.sessions"
SESSION_IDLE = timedelta(minutes=CONFIG.session_idle_minutes)
SESSION_LONGEST = timedelta(hours=CONFIG.session_hours)
SESSION_COOKIE_AGE = CONFIG.session_hours * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_USE_SESSIONS = False
CSRF_FAILURE_VIEW = "quarterdeck.core.web.middleware.form_not_accepted"
if CONFIG.secure:
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    CSRF_TRUSTED_ORIGINS = [CONFIG.base_url]
else:
    SECURE_HSTS_SECONDS = 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONCE, "'strict-dynamic'"],
        "style-src-elem": [SELF, NONCE],
        # Charts place their tooltips with style attributes.
        "style-src-attr": ["'unsafe-inline'"],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

LANGUAGE_CODE = CONFIG.languages[0]
LANGUAGES = [(code, {"en": _("English"), "de": _("German")}.get(code, code)) for code in CONFIG.languages]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = CONFIG.timezone
DIGEST_HOUR = CONFIG.digest_hour
USE_I18N = True
USE_TZ = True
DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "j M Y H:i"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
# Built files keep their names, so a browser asks again soon after an upgrade.
WHITENOISE_MAX_AGE = 60
DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024

MAIL_IS_SENT = bool(CONFIG.mail_url)
for _name, _value in CONFIG.mail.items():
    globals()[_name] = _value

LOGGING = logs.configuration(CONFIG)
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_IMPORT_PATHS = ["quarterdeck.core.jobs", "quarterdeck.core.mail", "quarterdeck.core.leaving"]
TEST_RUNNER = "django.test.runner.DiscoverRunner"
# The address is unique without regard to case, by a constraint that Django's check does not read.
# Whether browsers know a whole domain as one of https beforehand is for its owner to apply for.
SILENCED_SYSTEM_CHECKS = ["auth.W004", "security.W021"]
