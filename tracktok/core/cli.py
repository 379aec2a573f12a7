"""Commands of the operator: is everything there, and what is waiting."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from . import cache, clock, schedule
from .db import own_connection
from .jobs import due_jobs, sweep
from .outbox import due_messages
from .readiness import check
from .storage import StorageFull, storage
from .worker import celery

jobs_cli = AppGroup("jobs", help="Long work and effects that wait.")


def _database() -> str:
    with own_connection() as connection:
        version = connection.execute(text("SHOW server_version")).scalar_one()
        rights = connection.execute(
            text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        ).scalar_one()
    if rights:
        raise click.ClickException("the application's role may bypass row-level security: use another role")
    return f"PostgreSQL {version}, as a role that cannot bypass row-level security"


def _schema() -> str:
    _, found = check()
    if found["schema"] != "at head":
        raise click.ClickException(f"{found['schema']}: run `flask --app wsgi db upgrade`")
    return "at head"


def _redis() -> str:
    return f"answers ({cache.client().info('server').get('redis_version', 'unknown version')})"


def _files() -> str:
    key = "doctor/probe"
    storage().put(key, io.BytesIO(b"probe"), "text/plain")
    with storage().open(key) as kept:
        if kept.read() != b"probe":
            raise click.ClickException("what was written did not come back")
    storage().delete(key)
    return str(current_app.config["STORAGE"]).partition("?")[0]


def _workers() -> str:
    answers = celery.control.ping(timeout=1.0)
    if not answers:
        raise click.ClickException("no worker answers: start `celery -A celeryconfig worker`")
    return f"{len(answers)} answer"


def _mail() -> str:
    return "by SMTP" if current_app.config["SMTP_URL"] else "kept on the mailbox page (SMTP_URL is not set)"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "schema": _schema,
    "redis": _redis,
    "files": _files,
    "workers": _workers,
    "mail": _mail,
}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Answer with JSON.")
def doctor(as_json: bool) -> None:
    """Check everything that the product stands on; exit code 1 when something is wrong."""
    results: dict[str, dict[str, str | bool]] = {}
    for name, look in CHECKS.items():
        try:
            results[name] = {"ok": True, "found": look()}
        except click.ClickException as error:
            results[name] = {"ok": False, "found": error.message}
        except (SQLAlchemyError, RedisError, StorageFull, OSError) as error:
            results[name] = {"ok": False, "found": str(error).splitlines()[0]}
    if as_json:
        click.echo(json.dumps(results, indent=2))
    else:
        for name, result in results.items():
            click.echo(f"{'ok     ' if result['ok'] else 'WRONG  '} {name:10} {result['found']}")
    if not all(result["ok"] for result in results.values()):
        sys.exit(1)


@jobs_cli.command("due")
@click.option("--json", "as_json", is_flag=True, help="Answer with JSON.")
def due(as_json: bool) -> None:
    """Show what waits in all tenants: effects not carried out, jobs not done."""
    messages, jobs = due_messages(), due_jobs()
    if as_json:
        click.echo(
            json.dumps(
                {
                    "messages": [{"tenant": str(tenant), "id": str(row)} for tenant, row in messages],
                    "jobs": [{"tenant": str(tenant), "id": str(row), "kind": kind} for tenant, row, kind in jobs],
                }
            )
        )
        return
    for tenant, row in messages:
        click.echo(f"effect  {tenant}  {row}")
    for tenant, row, kind in jobs:
        click.echo(f"job     {tenant}  {row}  {kind}")
    click.echo(f"{len(messages)} effects and {len(jobs)} jobs wait.")


@jobs_cli.command("run")
@click.argument("name")
@click.option("--at", "at", help="As if it were this instant (ISO 8601, UTC unless it says otherwise); now otherwise.")
@click.option("--json", "as_json", is_flag=True, help="Answer with JSON.")
def run_now(name: str, at: str | None, as_json: bool) -> None:
    """Start the scheduled runs NAME (such as reports.monthly) that are due and were not started yet, in all tenants."""
    if name not in schedule.PLANS:
        raise click.UsageError(f"there is no run {name}: use one of {', '.join(sorted(schedule.PLANS))}")
    try:
        instant = datetime.fromisoformat(at) if at else clock.now()
    except ValueError as error:
        raise click.UsageError(f"--at {at} is no instant: write it like 2026-12-01T09:00:00+05:30") from error
    started = schedule.start_due(instant if instant.tzinfo else instant.replace(tzinfo=UTC), [name])
    if as_json:
        click.echo(json.dumps({"started": started}))
    else:
        click.echo(f"{started} started.")


@jobs_cli.command("sweep")
def sweep_now() -> None:
    """Queue again what is due, as the scheduler does every 15 seconds."""
    sweep.run()
    click.echo("Queued.")
