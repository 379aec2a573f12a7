"""Every setting of the application, typed, read from the environment.

A setting `NAME` may also be given as `NAME_FILE`, the path of a file that holds the value
(for secrets mounted by an orchestrator). `.env.example` documents each of them; a test keeps
both in step.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

DEVELOPMENT_SECRET = "development-only-secret-do-not-use-in-production"  # noqa: S105 - refused in production
SHORTEST_SECRET = 32


class ConfigurationError(RuntimeError):
    """The environment describes an application that must not start."""


def _setting(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True)
class Config:
    """The settings. Names in the environment are the field names in upper case."""

    tracktok_env: str = _setting("development", "development, testing or production")
    debug: bool = _setting(False, "Flask's debugger; refused in production")
    secret_key: str = _setting(DEVELOPMENT_SECRET, "signs browser sessions and links; at least 32 characters")
    jwt_secret: str = _setting(DEVELOPMENT_SECRET, "signs API access tokens; at least 32 characters")
    database_url: str = _setting(
        "postgresql+psycopg://tracktok_app:tracktok_app@127.0.0.1:5432/tracktok",
        "the application's role: owns nothing and cannot bypass row-level security",
    )
    database_owner_url: str = _setting(
        "postgresql+psycopg://tracktok_owner:tracktok_owner@127.0.0.1:5432/tracktok",
        "the role that owns the schema; used by migrations only",
    )
    database_pool_size: int = _setting(5, "connections that each process keeps open")
    database_max_overflow: int = _setting(10, "connections that each process may open beyond the pool")
    database_statement_timeout_ms: int = _setting(30_000, "a statement of a web request may take this long")
    redis_url: str = _setting("redis://127.0.0.1:6379/0", "cache, rate limits and the broker of the workers")
    base_domain: str = _setting("localhost:5000", "tenants live at SUBDOMAIN.BASE_DOMAIN")
    url_scheme: str = _setting("http", "http or https: how links in mails begin; https makes cookies Secure")
    trusted_proxies: int = _setting(0, "how many reverse proxies set X-Forwarded-* in front of the application")
    data_dir: str = _setting("instance", "a folder for local files when STORAGE_URL is not set")
    storage_url: str = _setting("", "file:///path or s3://bucket/prefix?endpoint=...; empty: DATA_DIR/files")
    smtp_url: str = _setting("", "smtp[s]://user:password@host:port; empty: mail goes to the mailbox page")
    mail_from: str = _setting("TrackTok <no-reply@tracktok.example>", "the sender of mails")
    access_token_minutes: int = _setting(60, "life of an API access token")
    refresh_token_days: int = _setting(30, "life of an API refresh token")
    session_days: int = _setting(14, "life of a browser session")
    max_upload_bytes: int = _setting(64 * 1024 * 1024, "the largest request body")
    max_import_bytes: int = _setting(512 * 1024 * 1024, "the largest file to import; it is kept on disk while it comes")
    rate_limits_enabled: bool = _setting(True, "limits by tenant, person, address and route")
    rate_limit_default: str = _setting("6000 per minute", "limit of requests of one person (or address) in a tenant")
    rate_limit_tenant: str = _setting("30000 per minute", "limit of requests of all people of a tenant together")
    rate_limit_sign_in: str = _setting("10 per minute", "limit of sign-in attempts from one address")
    rate_limit_portal: str = _setting("120 per minute", "limit of requests from one address to customers' own pages")
    write_off_tolerance: int = _setting(
        1, "up to so many units of a company's currency a write-off is a rounding difference, above that a bad debt"
    )
    payment_provider: str = _setting(
        "", "fake, stripe, razorpay or none; empty: fake in development, none in production"
    )
    stripe_secret_key: str = _setting("", "secret API key of the Stripe account")
    stripe_webhook_secret: str = _setting(
        "", "signing secret of the webhook BASE/webhooks/payments/stripe (events: checkout.session.*, refund.*)"
    )
    stripe_api_base: str = _setting("https://api.stripe.com", "where Stripe's API is")
    razorpay_key_id: str = _setting("", "key id of the Razorpay account")
    razorpay_key_secret: str = _setting("", "key secret of the Razorpay account")
    razorpay_webhook_secret: str = _setting(
        "", "secret of the webhook BASE/webhooks/payments/razorpay (events: payment_link.*, refund.*)"
    )
    razorpay_api_base: str = _setting("https://api.razorpay.com", "where Razorpay's API is")
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR")
    metrics_token: str = _setting("", "bearer token for /metrics; empty: only loopback addresses may read it")
    sentry_dsn: str = _setting("", "report errors to Sentry (needs the sentry-sdk package)")
    otel_exporter_otlp_endpoint: str = _setting("", "export traces by OpenTelemetry (needs its packages)")

    @property
    def is_production(self) -> bool:
        return self.tracktok_env == "production"

    @property
    def secure_cookies(self) -> bool:
        return self.url_scheme == "https"

    @property
    def storage(self) -> str:
        """The storage URL that holds, with the local default filled in."""
        return self.storage_url or (Path(self.data_dir).resolve() / "files").as_uri()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Config:
        """Read the settings; raises ConfigurationError for a value that does not parse or may not be."""
        env = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        for setting in fields(cls):
            raw = _read(env, setting.name.upper())
            if raw is not None:
                values[setting.name] = _parse(setting.name, raw, type(setting.default))
        config = cls(**values)
        config.check()
        return config

    def check(self) -> None:
        """Refuse what would be unsafe: unknown environment, weak secrets or DEBUG in production."""
        if self.tracktok_env not in {"development", "testing", "production"}:
            raise ConfigurationError(f"TRACKTOK_ENV is {self.tracktok_env!r}: use development, testing or production")
        self._check_payments()
        if not self.is_production:
            return
        for name in ("secret_key", "jwt_secret"):
            value = getattr(self, name)
            if value == DEVELOPMENT_SECRET or len(value) < SHORTEST_SECRET or len(set(value)) < 10:
                raise ConfigurationError(f"{name.upper()} is missing or weak: set at least 32 random characters")
        if self.debug:
            raise ConfigurationError("DEBUG must be off in production")

    def _check_payments(self) -> None:
        needed = {
            "stripe": ("stripe_secret_key", "stripe_webhook_secret"),
            "razorpay": ("razorpay_key_id", "razorpay_key_secret", "razorpay_webhook_secret"),
        }
        if self.payment_provider not in {"", "none", "fake", *needed}:
            raise ConfigurationError("PAYMENT_PROVIDER: use fake, stripe, razorpay or none")
        if self.payment_provider == "fake" and self.is_production:
            raise ConfigurationError("PAYMENT_PROVIDER is fake: in production payments must be real")
        for name in needed.get(self.payment_provider, ()):
            if not getattr(self, name):
                raise ConfigurationError(f"{name.upper()} is missing: PAYMENT_PROVIDER is {self.payment_provider}")


def _read(env: Mapping[str, str], name: str) -> str | None:
    if path := env.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigurationError(f"{name}_FILE: {error}") from error
    value = env.get(name)
    return value if value not in (None, "") else None


def _parse(name: str, raw: str, kind: type) -> Any:
    try:
        if kind is bool:
            lowered = raw.strip().lower()
            if lowered in {"1", "true", "yes", "on"}:
                return True
            if lowered in {"0", "false", "no", "off"}:
                return False
            raise ValueError("use true or false")
        return kind(raw)
    except ValueError as error:
        raise ConfigurationError(f"{name.upper()} is {raw!r}: {error}") from error
