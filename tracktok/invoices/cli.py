"""Commands of billing."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import text

from tracktok.core import clock
from tracktok.core.companies import chosen_companies
from tracktok.core.db import db, transaction
from tracktok.core.errors import DomainError
from tracktok.core.money import format_amount
from tracktok.core.schedule import instant_of
from tracktok.core.tenancy import tenant_scope
from tracktok.customers.queries import names_of
from tracktok.usage.queries import subscriptions

from .queries.billed_usage import customers_with_gone_documents
from .rules.gst_documents import month_after
from .services.usage_billing import bill_customer

LAST_MIDNIGHT = "Etc/GMT+12"
"""Where a month ends last: whatever the time zone of a subscription, its period of the month is over then."""
billing_cli = AppGroup("billing", help="Billing of metered usage.")


@billing_cli.command("run")
@click.option("--tenant", help="Subdomain or id; all tenants when left away.")
@click.option("--period", metavar="YYYY-MM", help="Only periods that end by the end of this month.")
@click.option("--dry-run", is_flag=True, help="Show what would be billed; keep nothing.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def run(tenant: str | None, period: str | None, dry_run: bool, as_json: bool) -> None:
    """Bill metered usage of periods that have ended: drafts of invoices, each period once."""
    try:
        companies = chosen_companies(tenant, "bill metered usage")
    except DomainError as error:
        raise click.ClickException(error.detail) from error
    told: list[dict[str, Any]] = []
    for company in companies:
        with tenant_scope(company.id):
            db.session.execute(text("SET LOCAL statement_timeout = 0"))
            told.append({"tenant": company.subdomain, "customers": _bill_tenant(_until(period), dry_run=dry_run)})
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, "tenants": told}))
        return
    for one in told:
        click.echo(f"{one['tenant']}: {len(one['customers'])} customers{' (dry run)' if dry_run else ''}")
        for customer in one["customers"]:
            for bill in customer["bills"]:
                click.echo(f"  {customer['customer']}: {bill['from']} to {bill['to']}  {bill['amount']}")
            for problem in customer["problems"]:
                click.echo(f"  {customer['customer']}: {problem}")


def _until(period: str | None) -> datetime:
    """The instant until which periods must have ended."""
    now = clock.now()
    if period is None:
        return now
    try:
        month = date.fromisoformat(f"{period}-01")
    except ValueError as error:
        raise click.BadParameter("Write a month as 2026-11.", param_hint="--period") from error
    following = month_after(month)
    return min(now, instant_of(following, time(0), LAST_MIDNIGHT))


def _bill_tenant(until: datetime, *, dry_run: bool) -> list[dict[str, Any]]:
    wanted = {*subscriptions.customers_to_bill(until), *customers_with_gone_documents()}
    names = names_of(wanted)
    db.session.rollback()
    told = []
    for customer_id in sorted(wanted, key=lambda one: names.get(one, "")):
        with transaction():
            done = bill_customer(customer_id, until)
            bills = [
                {
                    "from": bill.period_start.isoformat(),
                    "to": bill.period_end.isoformat(),
                    "amount": f"{bill.currency} {format_amount(bill.amount, bill.currency)}",
                }
                for bill in done.opened
            ]
            told.append({"customer": names.get(customer_id, ""), **done.as_dict(), "bills": bills})
            if dry_run:
                db.session.rollback()
    return told
