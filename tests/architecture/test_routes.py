"""No route shows or changes what belongs to another company: every rule that names an id is asked with theirs."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text
from werkzeug.datastructures import FileStorage

from tests.factories.bank import make_bank_ids
from tests.factories.budgets import make_budget
from tests.factories.customers import make_each as make_customers
from tests.factories.documents import make_pdf
from tests.factories.expenses import make_account, make_category, make_expense, make_project, make_tag
from tests.factories.imports import begin, commit
from tests.factories.invoices import make_issued_invoice, make_note, make_quote
from tests.factories.notifications import deliver_mails
from tests.factories.portals import make_portal_ids
from tests.factories.receipts import make_receipt
from tests.factories.recurring import make_failed_run, make_recurring
from tests.factories.reminders import make_level
from tests.factories.tenants import Company, make_company
from tests.factories.trips import make_trip_ids
from tests.factories.usage import make_usage_ids
from tests.factories.vendors import BY_TRIP, make_vendor_ids
from tracktok.audit.models import AuditEvent
from tracktok.auth.models import Invitation
from tracktok.core.db import db
from tracktok.core.tenancy import tenant_scope
from tracktok.customers.queries import get_customer
from tracktok.expenses.models import Account
from tracktok.invoices.models import Receipt, SalesDocument
from tracktok.invoices.queries.receipts import standing_allocations
from tracktok.invoices.schemas.receipts import AllocateIn, RefundIn
from tracktok.invoices.services import allocate_receipt, portal, refund_receipt
from tracktok.invoices.services.attaching import attach_files
from tracktok.ledger.models import LedgerEntry
from tracktok.notifications.models import Notification
from tracktok.notifications.services import notify
from tracktok.reports.models import Report
from tracktok.reports.services.saved_views import keep_view

pytestmark = pytest.mark.tenancy

# Platform staff only: other tests hold that nobody else gets in.
PLATFORM = {
    "tenants_admin_api.show_tenant",
    "tenants_admin_api.set_tier",
    "tenants.admin_tenant",
    "tenants.set_tier",
}
# For outsiders alone; tests/trips/test_portals.py asks each of them with the ids of another vendor and company.
PORTALS = ("vendor_portal.", "vendor_portal_api.", "employee_portal.", "employee_portal_api.")
# The choice among one's own companies, made after a password was accepted: without it, one is asked to sign in.
ASKS_TO_SIGN_IN = {"auth.go_to_company"}
# What is neither an id nor a secret of a tenant.
WORDS: dict[str, Any] = {
    "name": "title",
    "action": "approve",
    "question": "void",
    "file_format": "csv",
    "step": "reject",
}
EXPENSE = {"amount": "125.50", "title": "Taxi", "expense_date": "2026-11-10"}
NIL = "00000000-0000-0000-0000-000000000000"
BUDGET = {"name": "Theirs", "amount": "10.00", "start_date": "2026-01-01"}
TRIP = {"start": "2026-03-03T10:00:00", "end": "2026-03-03T11:00:00", "distance": "10"}
INCENTIVE = {
    "name": "Mine", "measure": "trips", "ordinary": "1", "tiers": [{"over": "0", "rate": "1"}],
    "valid_from": "2026-01-01",
}  # fmt: skip
# Bodies that are right in themselves, by blueprint and function, so that only the id decides.
BODIES: dict[str, dict[str, Any]] = {
    "employees_api.invite_employee": {"email": "kim@mine.test"},
    "employees_api.replace_employee": {"name": "Mine"},
    "trip_disputes_api.answer": {"said": "Mine"},
    "vendors_api.invite_vendor_person": {"email": "kim@mine.test"},
    "accounts_api.replace": {"name": "Mine"},
    "accounts_api.transfer": {"to_account_id": "mine", "amount": "1.00"},
    "bank_lines_api.match": {"customer_id": "mine"},
    "budgets_api.replace": BUDGET,
    "budgets_api.snooze": {"until": "2026-12-31"},
    "budgets_api.transfer": {"to_budget_id": "mine", "amount": "1.00"},
    "account_managers_api.replace_account_manager": {"name": "Mine"},
    "client_types_api.replace_client_type": {"name": "Mine"},
    "companies_api.replace": {"legal_name": "Mine"},
    "customer_people_api.add_address": {"label": "Mine"},
    "customer_people_api.add_contact": {"name": "Mine"},
    "customer_people_api.change_address": {"label": "Mine"},
    "customer_people_api.change_contact": {"name": "Mine"},
    "customers_api.replace": {"name": "Mine"},
    "price_lists_api.replace_price_list": {"name": "Mine"},
    "service_types_api.replace_service_type": {"name": "Mine"},
    "tax_rates_api.replace_tax_rate": {"name": "Mine", "percent": "5"},
    "categories_api.replace": {"name": "Mine"},
    "categories_api.merge": {"into_id": "mine"},
    "expenses_api.replace": EXPENSE,
    "expenses_api.patch": {"title": "Mine"},
    "expenses_api.move": {"action": "approve"},
    "credit_notes_api.apply": {"invoice_id": "mine"},
    "credit_notes_api.replace_credit_note": {"invoice_id": "mine", "reason": "x"},
    "credit_notes_api.void": {},
    "debit_notes_api.replace_debit_note": {"invoice_id": "mine", "reason": "x", "lines": [{"line_id": NIL}]},
    "debit_notes_api.void": {},
    "proformas_api.patch": {"notes": "Mine"},
    "proformas_api.replace": {"customer_id": "mine", "lines": [{"description": "x", "unit_price": "1"}]},
    "proformas_api.void": {},
    "quotes_api.decline": {},
    "quotes_api.patch": {"notes": "Mine"},
    "quotes_api.replace": {"customer_id": "mine", "lines": [{"description": "x", "unit_price": "1"}]},
    "credit_note_refunds_api.refund_note": {},
    "customer_receipts_api.allocate": {"allocate": "oldest"},
    "customer_receipts_api.refund": {},
    "customer_receipts_api.refund_online": {},
    "customer_receipts_api.unallocate": {},
    "customer_receipts_api.void": {},
    "debit_note_payments_api.write_off": {},
    "invoice_payments_api.write_off": {},
    "invoices_api.replace": {"customer_id": "mine", "lines": [{"description": "x", "unit_price": "1"}]},
    "invoices_api.patch": {"notes": "Mine"},
    "invoices_api.void": {},
    "invoices_api.uncollectible": {},
    **{
        f"gst_returns_api.{kind}_irn": {"irn": "a" * 64, "ack_number": "1", "ack_date": "2026-11-20", "signed_qr": "x"}
        for kind in ("invoice", "credit_note", "debit_note")
    },
    "ledger_api.change_account": {"name": "Mine"},
    "recurring_invoices_api.replace": {
        "customer_id": "mine",
        "starts_on": "2027-01-31",
        "lines": [{"description": "x", "unit_price": "1"}],
    },
    "recurring_invoices_api.resume": {},
    "recurring_invoices_api.retry": {},
    "repeated_invoices_api.repeat": {"starts_on": "2027-01-31"},
    "reminder_levels_api.replace_level": {"name": "x", "days": 3, "subject": "x", "message": "x"},
    "reminders_api.invoice_remind": {},
    "reminders_api.debit_note_remind": {},
    "statement_mails_api.mail_statement": {},
    "people_api.change_person": {"role": "member"},
    "notifications_api.mark": {"read": True},
    "projects_api.replace": {"name": "Mine"},
    "saved_views_api.replace_view": {"kind": "expenses", "name": "Mine"},
    "meters_api.patch": {"name": "Mine"},
    "meters_api.replace": {"code": "mine", "name": "Mine"},
    "prices_api.replace": {
        "meter_id": "mine",
        "valid_from": "2026-01-01",
        "model": "per_unit",
        "config": {"per_unit": "1"},
    },
    "quotas_api.replace": {"meter_id": "mine", "limit": "5"},
    "usage_subscriptions_api.replace": {"customer_id": "mine", "meters": [NIL], "start_date": "2026-01-01"},
    "tags_api.replace": {"name": "mine"},
    "tags_api.merge": {"into_id": "mine"},
    "trips_api.replace": {"vendor_id": "mine", "started_at": "2026-03-10T08:00:00"},
    "statements_api.approve": {},
    "statements_api.pay": {"account_id": "mine"},
    "vendor_bills_api.dispute": {},
    "trip_disputes_api.agree": {"agreed": "1"},
    "trip_disputes_api.reject": {},
    "vendors_api.replace": {"name": "Mine", "billing_model": "trip"},
    "vendors_api.add_contact": {"name": "Mine"},
    "vendors_api.change_contact": {"name": "Mine"},
    "rate_cards_api.replace": {"name": "Mine"},
    "rate_cards_api.copy": {"vendor_id": "mine", "valid_from": "2026-01-01"},
    "rate_cards_api.price": {"trip": TRIP},
    "rate_cards_api.price_month": {"month": {"month": "2026-03-01"}},
    "rate_cards_api.add_version": {"valid_from": "2026-02-01", "terms": BY_TRIP},
    "rate_cards_api.change_version": {"valid_from": "2026-02-01", "terms": BY_TRIP},
    "incentive_rules_api.replace": INCENTIVE,
    "incentive_rules_api.price": {"done": "50"},
}
# Where a page takes a form: what a person would send.
FORM = {**EXPENSE, "currency": "INR", "status": "paid", "type": "bank", "role": "member", "value": "Mine"}
TABLES = (
    "account_managers", "accounts", "allocations", "audit_checks", "audit_events", "bank_lines", "bank_statements",
    "book_accounts", "budget_transfers", "budgets", "categories", "client_types", "companies", "customer_addresses",
    "customer_contacts", "customer_receipts", "customers", "disputes", "expense_tags", "expenses", "files", "imports",
    "invitations", "jobs", "ledger_entries", "ledger_lines", "login_sessions", "mails", "memberships",
    "notifications", "number_series", "payment_events", "payments", "price_list_items", "price_lists", "projects",
    "receipts", "recurring_invoices", "recurring_runs", "refunds", "reminder_levels", "reminder_mails",
    "reminder_settings", "reminders", "reports", "sales_documents", "sales_lines", "saved_views", "service_types",
    "tags", "tax_rate_periods", "tax_rates", "tenants",
    "billed_trips", "dispute_messages", "employee_names", "employees", "mileage_rates", "trip_expenses",
    "incentive_rules", "rate_card_versions", "rate_cards", "vendor_contacts", "vendor_files", "vendors",
    "trip_adjustments", "trip_charges", "trip_disputes", "trip_statements", "trips", "vendor_bill_lines",
    "vendor_bills",
    "receipts", "refunds", "reports", "sales_documents", "sales_lines", "saved_views", "service_types", "tags",
    "tax_rate_periods", "tax_rates", "tenants", "meters", "usage_alerts", "usage_bills", "usage_charges",
    "usage_events", "usage_late", "usage_prices", "usage_quotas", "usage_rollups", "usage_subscription_meters",
    "usage_subscriptions", "usage_uniques",
)  # fmt: skip


def make_everything(company: Company) -> dict[str, UUID]:
    """One of each kind of row that an address can name, by the name of the parameter."""
    api, owner = company.owner.api(), company.owner
    with owner.acting():
        made = {
            "expense_id": make_expense().id,
            "project_id": make_project().id,
            "account_id": make_account().id,
            "category_id": make_category().id,
            "tag_id": make_tag().id,
            "budget_id": make_budget().id,
            **make_customers(),
            "document_id": (quote := make_quote()).id,
            "invoice_id": (invoice := make_issued_invoice()).id,
            "customer_id": invoice.customer_id,
            "attachment_id": attach_files(quote, [FileStorage(make_pdf(), "order.pdf")])[0].id,
            "company_id": invoice.company_id,
            "note_id": make_note(invoice).id,
            "customer_receipt_id": (money := make_receipt(customer_id=invoice.customer_id)).id,
            "allocation_id": allocated(money, invoice),
            "refund_id": refund_receipt(money.id, RefundIn(amount=Decimal(1))).id,
            "owed_id": invoice.id,
            "reminder_level_id": make_level().id,
            "recurring_id": (recurring := make_recurring(customer_id=invoice.customer_id)).id,
            "run_id": make_failed_run(recurring),
            **make_bank_ids(),
            **make_usage_ids(invoice.customer_id),
            **make_vendor_ids(),
            **make_trip_ids(),
            **make_portal_ids(),
        }
        made["token"] = portal.token_of(get_customer(invoice.customer_id))
        notify(owner.person_id, "import_done", "Done")
        made["view_id"] = keep_view("expenses", "Theirs", {"status": "paid"}, is_shared=True).id
    made["tenant_id"] = company.id
    made["membership_id"] = company.member("member").membership_id
    made["session_id"] = UUID(api.get("/auth/sessions").json["data"][0]["id"])
    receipt = api.post(f"/expenses/{made['expense_id']}/receipts", data={"files": (make_pdf(), "bill.pdf")})
    assert receipt.status_code == 201, receipt.json
    found = api.get(f"/expenses/{made['expense_id']}/receipts").json["data"][0]
    made["receipt_id"] = UUID(found["id"])
    made["file_id"] = UUID(found["url"].split("/files/")[1].split("/")[0])
    upload = api.post("/imports/", data={"file": (io.BytesIO(b"Date,Title,Amount\n2026-11-02,Tea,12.50\n"), "a.csv")})
    assert upload.status_code == 201, upload.json
    made["import_id"] = UUID(upload.json["id"])
    made["report_id"] = UUID(api.post("/reports/", json={}).json["id"])
    assert api.post("/invitations/", json={"email": f"new@{company.subdomain}.test"}).status_code == 201
    made["mail_id"] = deliver_mails(company)[-1].id
    with tenant_scope(company.id):
        job_id = db.session.execute(select(Report.job_id).where(Report.id == made["report_id"])).scalar_one()
        made["job_id"] = job_id
        made["invitation_id"] = db.session.execute(select(Invitation.id)).scalar_one()
        made["notification_id"] = made["message_id"] = db.session.execute(select(Notification.id)).scalars().first()
        made["entry_id"] = db.session.execute(select(LedgerEntry.id)).scalars().first()
        made["event_id"] = db.session.execute(select(AuditEvent.id)).scalars().first()
        made["book_account_id"] = db.session.execute(select(Account.book_account_id)).scalars().first()
    missing = [name for name, value in made.items() if value is None]
    assert not missing
    return made


def allocated(receipt: Receipt, invoice: SalesDocument) -> UUID:
    """The allocation of a receipt that pays a part of an invoice."""
    part = {"document_id": invoice.id, "amount": "100"}
    allocate_receipt(receipt.id, AllocateIn.model_validate({"allocations": [part]}))
    return standing_allocations(receipt.id)[0].id


def fingerprint(company: Company) -> dict[str, str]:
    """What all rows of a company come to, by table."""
    with tenant_scope(company.id):
        return {
            table: db.session.execute(
                text(f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t")
            ).scalar_one()
            for table in TABLES
        }


def rules_with_ids(app: Flask) -> list[tuple[str, Any]]:
    """(method, rule) of everything that takes an id."""
    found = []
    for rule in app.url_map.iter_rules():
        converters = rule._converters
        if not any(type(one).__name__ == "UUIDConverter" for one in converters.values()):
            continue
        if rule.endpoint in PLATFORM or rule.endpoint.startswith(PORTALS):
            continue
        found += [(method, rule) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return found


def address_of(app: Flask, rule: Any, ids: dict[str, Any]) -> str:
    """The address of a rule with these ids in it; a name that nobody knows fails the test."""
    if rule.endpoint.startswith("receipts."):  # of customers; those of expenses are files
        ids = {**ids, "receipt_id": ids["customer_receipt_id"]}
    unknown = set(rule.arguments) - set(ids) - set(WORDS)
    assert not unknown, f"{rule}: say in make_everything() (or WORDS) what {sorted(unknown)} is"
    return str(app.url_map.bind("x").build(rule.endpoint, {name: (ids | WORDS)[name] for name in rule.arguments}))


def body_of(rule: Any, mine: dict[str, Any]) -> dict[str, Any]:
    """A body that is right but for the id in the address."""
    body = dict(BODIES.get(rule.endpoint, {}))
    for name in body:
        if (rule.endpoint, name) in _OWN:
            body[name] = str(mine[_OWN[(rule.endpoint, name)]])
    return body


_OWN = {
    ("accounts_api.transfer", "to_account_id"): "account_id",
    ("bank_lines_api.match", "customer_id"): "customer_id",
    ("budgets_api.transfer", "to_budget_id"): "budget_id",
    ("categories_api.merge", "into_id"): "category_id",
    ("credit_notes_api.apply", "invoice_id"): "invoice_id",
    ("credit_notes_api.replace_credit_note", "invoice_id"): "invoice_id",
    ("debit_notes_api.replace_debit_note", "invoice_id"): "invoice_id",
    ("invoices_api.replace", "customer_id"): "customer_id",
    ("proformas_api.replace", "customer_id"): "customer_id",
    ("quotes_api.replace", "customer_id"): "customer_id",
    ("recurring_invoices_api.replace", "customer_id"): "customer_id",
    ("prices_api.replace", "meter_id"): "meter_id",
    ("quotas_api.replace", "meter_id"): "meter_id",
    ("usage_subscriptions_api.replace", "customer_id"): "customer_id",
    ("tags_api.merge", "into_id"): "tag_id",
    ("rate_cards_api.copy", "vendor_id"): "vendor_id",
    ("statements_api.pay", "account_id"): "account_id",
    ("trips_api.replace", "vendor_id"): "vendor_id",
}


def test_everything_of_another_company_is_not_there(app: Flask, company: Company, other_company: Company):
    mine, theirs = make_everything(company), make_everything(other_company)
    api, browser = company.owner.api(), company.owner.browser()
    before = fingerprint(other_company)
    wrong = []
    rules = rules_with_ids(app)
    assert len(rules) > 90
    for method, rule in rules:
        address = address_of(app, rule, theirs)
        if address.startswith("/api/v1"):
            options: dict[str, Any] = {}
            if rule.endpoint == "receipts_api.add":
                options["data"] = {"files": (make_pdf(), "bill.pdf")}
            elif method in {"POST", "PUT", "PATCH"}:
                options["json"] = body_of(rule, mine)
            answer = api.open(method, address.removeprefix("/api/v1"), **options)
        else:
            form = {**FORM, "name": "Mine", "to_account_id": str(mine["account_id"])} if method == "POST" else None
            answer = browser.open(address, method=method, data=form)
        if rule.endpoint in ASKS_TO_SIGN_IN:
            right = (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
        else:
            right = answer.status_code == 404
        if not right:
            wrong.append(f"{method} {rule} answered {answer.status_code}: {answer.text[:200]}")
    assert not wrong, "\n".join(wrong)
    assert fingerprint(other_company) == before, "a row of another company was changed"


def test_ids_of_another_company_within_ones_own_address_are_not_there(company: Company, other_company: Company):
    mine, theirs = make_everything(company), make_everything(other_company)
    api, browser = company.owner.api(), company.owner.browser()
    expense, foreign = mine["expense_id"], theirs["receipt_id"]
    assert api.delete(f"/expenses/{expense}/receipts/{foreign}").status_code == 404
    assert browser.post(f"/expenses/{expense}/receipts/{foreign}/delete").status_code == 404


ONE_EXPENSE = "/expenses/{expense_id}"
CARD = {"name": "Mine too", "valid_from": "2026-01-01", "terms": BY_TRIP}
REFERENCES: list[tuple[str, str, dict[str, Any], str, str]] = [
    *[
        (method, path, {**EXPENSE} if method != "PATCH" else {}, field, field)
        for method, path in (("POST", "/expenses/"), ("PUT", ONE_EXPENSE), ("PATCH", ONE_EXPENSE))
        for field in ("category_id", "project_id", "account_id")
    ],
    ("POST", "/expenses/", EXPENSE, "person_id", "person_id"),
    *[("POST", "/budgets/", BUDGET, field, field) for field in ("category_id", "project_id", "account_id", "tag_id")],
    *[
        ("PATCH", "/budgets/{budget_id}", {}, field, field)
        for field in ("category_id", "project_id", "account_id", "tag_id")
    ],
    ("POST", "/categories/", {"name": "Mine too"}, "parent_id", "category_id"),
    ("POST", "/categories/", {"name": "Mine too"}, "book_account_id", "book_account_id"),
    ("PATCH", "/categories/{category_id}", {}, "parent_id", "category_id"),
    ("PATCH", "/categories/{category_id}", {}, "book_account_id", "book_account_id"),
    ("POST", "/categories/{category_id}/merge", {}, "into_id", "category_id"),
    ("POST", "/tags/{tag_id}/merge", {}, "into_id", "tag_id"),
    ("POST", "/accounts/{account_id}/transfers", {"amount": "1.00"}, "to_account_id", "account_id"),
    ("POST", "/budgets/{budget_id}/transfers", {"amount": "1.00"}, "to_budget_id", "budget_id"),
    *[
        (method, path, {"name": "Mine too"}, field, field)
        for method, path in (("POST", "/customers/"), ("PUT", "/customers/{customer_id}"))
        for field in ("client_type_id", "account_manager_id", "price_list_id")
    ],
    *[
        (method, path, {"name": "Mine too"}, field, field)
        for method, path in (("POST", "/service-types/"), ("PATCH", "/service-types/{service_type_id}"))
        for field in ("tax_rate_id", "book_account_id")
    ],
    ("POST", "/account-managers/", {"name": "Mine too"}, "person_id", "person_id"),
    *[
        ("POST", "/trips/", {"vendor_id": "{vendor_id}", "started_at": "2026-03-10T08:00:00"}, field, field)
        for field in ("vendor_id", "customer_id", "project_id")
    ],
    ("POST", "/statements/", {"month": "2026-02-01"}, "vendor_id", "vendor_id"),
    *[
        ("POST", f"/trips/{path}", {"date_from": "2026-03-01", "date_to": "2026-03-31"}, "vendor_id", "vendor_id")
        for path in ("what-if", "rerate")
    ],
    ("POST", "/rate-cards/", CARD, "vendor_id", "vendor_id"),
    ("POST", "/rate-cards/{rate_card_id}/copy", {"valid_from": "2026-01-01"}, "vendor_id", "vendor_id"),
    ("PUT", "/rate-cards/{rate_card_id}", {"name": "Mine too"}, "project_id", "project_id"),
    ("POST", "/rate-cards/{rate_card_id}/price", {"trip": TRIP}, "version_id", "rate_card_version_id"),
    ("POST", "/incentive-rules/", INCENTIVE, "project_id", "project_id"),
    ("POST", "/expenses/bulk", {"action": "set_category", "filter": {}}, "category_id", "category_id"),
    ("POST", "/expenses/bulk", {"action": "set_project", "filter": {}}, "project_id", "project_id"),
    ("POST", "/expenses/bulk", {"action": "set_account", "filter": {}}, "account_id", "account_id"),
    ("POST", "/expenses/bulk", {"action": "delete"}, "ids", "expense_id"),
]  # fmt: skip


def test_a_body_may_not_refer_to_what_another_company_has(company: Company, other_company: Company):
    mine = make_everything(company)
    theirs = make_everything(other_company) | {"person_id": other_company.owner.person_id}
    api = company.owner.api()
    before = fingerprint(other_company)
    wrong = []
    for method, path, body, field, of in REFERENCES:
        foreign: Any = [str(theirs[of])] if field == "ids" else str(theirs[of])
        own = {name: value.format(**mine) if value == "{vendor_id}" else value for name, value in body.items()}
        answer = api.open(method, path.format(**mine), json={**own, field: foreign})
        if answer.status_code not in {404, 422}:
            wrong.append(f"{method} {path} with their {field} answered {answer.status_code}: {answer.text[:300]}")
    for field in ("category_id", "project_id", "account_id"):
        answer = api.patch(f"/imports/{mine['import_id']}", json={"options": {field: str(theirs[field])}})
        if answer.status_code not in {404, 422}:
            wrong.append(f"an import with their {field} answered {answer.status_code}")
    priced = {"name": "Mine too", "items": [{"service_type_id": str(theirs["service_type_id"]), "unit_price": "1"}]}
    if api.post("/price-lists/", json=priced).status_code != 422:
        wrong.append("a price list with their service type was taken")
    answer = api.delete(f"/categories/{mine['category_id']}?reassign_to={theirs['category_id']}")
    if answer.status_code not in {404, 422}:
        wrong.append(f"a category reassigned to theirs answered {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert fingerprint(other_company) == before


@pytest.mark.parametrize("field", ["category_id", "project_id", "account_id", "person_id", "import_id", "tag"])
def test_filtering_by_what_another_company_has_finds_nothing(company: Company, field):
    mine, theirs = (names_of_an_expense(one) for one in (company, make_company()))
    api = company.owner.api()
    wanted = {"mine": mine[field], "theirs": theirs[field]}
    rows = {name: api.get(f"/expenses/?{field}={value}") for name, value in wanted.items()}
    counts = {name: api.get(f"/expenses/summary?{field}={value}") for name, value in wanted.items()}
    assert {answer.status_code for answer in (*rows.values(), *counts.values())} == {200}
    assert rows["mine"].json["data"], "the filter finds one's own"
    assert counts["mine"].json["count"] == len(rows["mine"].json["data"])
    assert rows["theirs"].json["data"] == []
    assert counts["theirs"].json["count"] == 0


def names_of_an_expense(company: Company) -> dict[str, Any]:
    """What an expense of a company names, by the name of its filter; `import_id` is of another."""
    tag = f"tag-{company.subdomain}"
    with company.owner.acting():
        names = {
            "category_id": make_category().id,
            "project_id": make_project().id,
            "account_id": make_account().id,
        }
        make_expense(**names, tags=[tag])
    found = commit(company, begin(company.owner.api(), "Date,Title,Amount\n2026-11-02,Tea,12.50\n"))
    return {**names, "person_id": company.owner.person_id, "tag": tag, "import_id": found["id"]}
