"""The factory: an explicit list of what the application is made of; nothing is discovered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Flask, Response
from flask.typing import ResponseReturnValue
from flask_migrate import Migrate
from flask_openapi import OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix

from tracktok import models as _models  # noqa: F401 - every table is known to every process
from tracktok.audit import api as audit_api
from tracktok.audit import cli as audit_cli
from tracktok.audit import services as audit_services
from tracktok.audit import tasks as _audit_tasks  # noqa: F401 - seals the trail
from tracktok.audit import views as audit_views
from tracktok.auth import api as auth_api
from tracktok.auth import cli as auth_cli
from tracktok.auth import receivers as _auth_receivers  # noqa: F401 - tells owners, counts users
from tracktok.auth import views as auth_views
from tracktok.auth.queries import find_tenant_id
from tracktok.auth.rules import holders_of
from tracktok.auth.services.identity import identify
from tracktok.budgets import api as budgets_api
from tracktok.budgets import receivers as _budgets_receivers  # noqa: F401 - budgets watch spending
from tracktok.budgets import tasks as _budgets_tasks  # noqa: F401 - the daily look
from tracktok.budgets import views as budgets_views
from tracktok.config import Config
from tracktok.core import cli as core_cli
from tracktok.core import companies, context, schedule, worker
from tracktok.core.db import db, init_engine_events
from tracktok.customers import api as customers_api
from tracktok.customers import receivers as _customers_receivers  # noqa: F401 - the first company of a new tenant
from tracktok.customers import views as customers_views
from tracktok.documents import views as document_views
from tracktok.expenses import api as expenses_api
from tracktok.expenses import receivers as _expenses_receivers  # noqa: F401 - defaults of a new tenant
from tracktok.expenses import views as expenses_views
from tracktok.imports import api as imports_api
from tracktok.imports import tasks as _imports_tasks  # noqa: F401 - checks, writes and undoes imports
from tracktok.imports import views as imports_views
from tracktok.invoices import api as invoices_api
from tracktok.invoices import cli as invoices_cli
from tracktok.invoices import receivers as _invoices_receivers  # noqa: F401 - draws what is issued, proves receivables
from tracktok.invoices import tasks as _invoices_tasks  # noqa: F401 - draws beside requests
from tracktok.invoices import views as invoices_views
from tracktok.ledger import api as ledger_api
from tracktok.ledger import cli as ledger_cli
from tracktok.ledger import receivers as _ledger_receivers  # noqa: F401 - opens the books of a new tenant
from tracktok.ledger import views as ledger_views
from tracktok.notifications import api as notifications_api
from tracktok.notifications import cli as notification_cli
from tracktok.notifications import tasks as _notification_tasks  # noqa: F401 - carries out mails
from tracktok.notifications import views as notification_views
from tracktok.reports import api as reports_api
from tracktok.reports import cli as reports_cli
from tracktok.reports import tasks as _reports_tasks  # noqa: F401 - reports are made by jobs
from tracktok.reports import views as reports_views
from tracktok.tenants import api as tenants_api
from tracktok.tenants import cli as tenants_cli
from tracktok.tenants import views as tenant_views
from tracktok.tenants.queries import list_active, list_everyone, load_preferences
from tracktok.trips import api as trips_api
from tracktok.trips import receivers as _trips_receivers  # noqa: F401 - names of vendors, kinds of imports
from tracktok.trips import tasks as _trips_tasks  # noqa: F401 - prices many trips again
from tracktok.trips import views as trips_views
from tracktok.usage import api as usage_api
from tracktok.usage import receivers as _usage_receivers  # noqa: F401 - meters of a new tenant, proves sums of usage
from tracktok.usage import tasks as _usage_tasks  # noqa: F401 - the daily look at quotas
from tracktok.usage import views as usage_views
from tracktok.web import docs, edge, health, jobs_api, limits, logs, metrics, pages, problems
from tracktok.web.api import Problem


class TrackTok(OpenAPI):
    """The Flask application. Each request's view runs inside one transaction."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view as one unit of work."""
        return edge.in_transaction(super().dispatch_request)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view or hook is a coroutine; Flask would look at each of them, with every request."""
        return func


def create_app(config: Config | None = None) -> Flask:
    """Make the application from the environment, or from the settings given."""
    config = config or Config.from_environment()
    logs.configure(config)
    app = TrackTok(
        "tracktok",
        info={"title": "TrackTok", "version": "1.0.0", "description": "Spending, budgets and reports of a company."},
        security_schemes={"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        validation_error_callback=lambda error: problems.problem(problems.from_validation(error)),
        validation_error_model=Problem,
        doc_ui=False,
        static_folder=None,
    )
    app.url_map.strict_slashes = False
    app.config.from_mapping(_flask_settings(config))
    db.init_app(app)
    Migrate(app, db, directory="migrations")
    with app.app_context():
        init_engine_events(db.engine)
    edge.init_app(app)
    limits.init_app(app)
    problems.init_app(app)
    pages.init_app(app)
    metrics.init_app(app)
    health.init_app(app)
    docs.init_app(app, holders_of)
    _register_areas(app)
    _bind_worker(app)
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops, hops)  # type: ignore[method-assign]
    return app


def _flask_settings(config: Config) -> dict[str, Any]:
    pool: dict[str, Any] = {
        "pool_size": config.database_pool_size,
        "max_overflow": config.database_max_overflow,
        "pool_recycle": 1800,
        # The connection that was used last is used next: it has the statements prepared and the catalogue at hand,
        # where five in turn would each do that work anew.
        "pool_use_lifo": True,
        "connect_args": {
            "options": f"-c statement_timeout={config.database_statement_timeout_ms}",
            "connect_timeout": 5,
            "application_name": "tracktok",
        },
    }
    return {
        **{name.upper(): value for name, value in asdict(config).items()},
        "STORAGE": config.storage,
        "TESTING": config.tracktok_env == "testing",
        "SQLALCHEMY_DATABASE_URI": config.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": pool,
        "MAX_CONTENT_LENGTH": config.max_upload_bytes,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "SESSION_COOKIE_NAME": "tracktok_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config.secure_cookies,
        "PERMANENT_SESSION_LIFETIME": config.session_days * 86400,
    }


def _register_areas(app: TrackTok) -> None:
    """Blueprints, receivers, tasks and commands of every area, from the ground up."""
    audit_services.install()
    app.cli.add_command(core_cli.doctor)
    app.cli.add_command(core_cli.jobs_cli)
    app.cli.add_command(reports_cli.demo_cli)
    for group in (
        tenants_cli.tenants_cli,
        tenants_cli.plans_cli,
        auth_cli.users_cli,
        notification_cli.mail_cli,
        audit_cli.audit_cli,
        ledger_cli.ledger_cli,
        ledger_cli.rollups_cli,
        ledger_cli.rates_cli,
        invoices_cli.billing_cli,
    ):
        app.cli.add_command(group)
    edge.provide_identity(find_tenant_id, identify)
    context.provide_preferences(load_preferences)
    schedule.provide_tenants(list_active)
    companies.provide_companies(list_everyone)
    app.register_api(health.api)
    app.register_api(jobs_api.api)
    for views in (auth_views, tenant_views, notification_views):
        views.init_app(app)
    app.register_api(audit_api.api)
    app.register_blueprint(audit_views.blueprint)
    app.register_blueprint(document_views.blueprint)
    for api in (*auth_api.APIS, *tenants_api.APIS, *notifications_api.APIS, *expenses_api.APIS, *ledger_api.APIS):
        app.register_api(api)
    app.register_blueprint(ledger_views.blueprint)
    app.register_api(imports_api.api)
    app.register_blueprint(imports_views.blueprint)
    app.register_blueprint(expenses_views.blueprint)
    for api in customers_api.APIS:
        app.register_api(api)
    app.register_blueprint(customers_views.blueprint)
    for api in usage_api.APIS:
        app.register_api(api)
    app.register_blueprint(usage_views.blueprint)
    for api in trips_api.APIS:
        app.register_api(api)
    for pages_of_trips in trips_views.BLUEPRINTS:
        app.register_blueprint(pages_of_trips)
    app.register_api(budgets_api.api)
    app.register_blueprint(budgets_views.blueprint)
    for api in invoices_api.APIS:
        app.register_api(api)
    for pages_of_kind in invoices_views.PAGES:
        app.register_blueprint(pages_of_kind)
    app.register_api(reports_api.dashboard_api)
    app.register_api(reports_api.api)
    app.register_api(reports_api.saved_api)
    for blueprint in reports_views.BLUEPRINTS:
        app.register_blueprint(blueprint)


def _bind_worker(app: Flask) -> None:
    worker.FlaskTask.flask_app = app
    worker.configure(app.config["REDIS_URL"])


__all__ = ["Response", "create_app"]
