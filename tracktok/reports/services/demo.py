"""The demo companies, made through the same services as everybody's. Never in production."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from flask import current_app
from PIL import Image, ImageDraw
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage

from tracktok.auth.models import Membership, Person
from tracktok.auth.rules import permissions_of
from tracktok.auth.services.registration import NewOwner, add_person, begin_company, find_person_by_email
from tracktok.budgets.schemas import BudgetIn
from tracktok.budgets.services import create_budget
from tracktok.core import clock
from tracktok.core.context import Actor, acting
from tracktok.core.db import db, transaction
from tracktok.core.errors import Forbidden
from tracktok.core.ids import new_id
from tracktok.core.money import round_amount
from tracktok.core.tenancy import door, tenant_scope
from tracktok.expenses.models import Account, Category, Expense, Tag
from tracktok.expenses.queries.accounts import get_account
from tracktok.expenses.queries.categories import get_category
from tracktok.expenses.queries.references import References, load_references
from tracktok.expenses.rules.posting import Change
from tracktok.expenses.schemas.accounts import AccountIn, AccountPatch
from tracktok.expenses.schemas.categories import CategoryIn
from tracktok.expenses.schemas.projects import ProjectIn
from tracktok.expenses.schemas.tags import TagIn
from tracktok.expenses.services.accounts import create_account, delete_account, patch_account
from tracktok.expenses.services.categories import create_category, delete_category
from tracktok.expenses.services.posting import contribution_of, post_changes
from tracktok.expenses.services.projects import create_project
from tracktok.expenses.services.receipts import add_receipts
from tracktok.expenses.services.tags import create_tag, put_tags
from tracktok.reports.rules.demo.acme import ACME
from tracktok.reports.rules.demo.shapes import DemoCompany, DemoExpense, budget_amount, opening_balance, period_start
from tracktok.reports.rules.demo.studio import DEMO
from tracktok.tenants.models import Tenant
from tracktok.tenants.services import NewTenant
from tracktok.trips.models import Vendor
from tracktok.trips.schemas.portals import EmployeeIn
from tracktok.trips.services.demo import hire_vendors
from tracktok.trips.services.demo_trips import drive
from tracktok.trips.services.portals import add_employee

from .demo_sales import sell
from .demo_usage import meter

AT_ONCE = 500
PASSWORD = "Password123"  # noqa: S105 - said on the start page of the demo
COMPANIES: tuple[DemoCompany, ...] = (ACME, DEMO)
VISITOR = ("analyst@acme.com", "demo")
"""An accountant with two clients: belongs to the other demo company too, so that switching can be tried."""
OUTSIDERS = (
    ("vendor@acme.com", "Ramesh", "Patil", "vendor"),
    ("employee@acme.com", "Asha", "Rao", "employee"),
)
EMPLOYEE_CODE = "E101"
"""Whom the trips of the demo company drive most days."""


class NoDemoHere(Forbidden):
    code, title = "no_demo", "Demo companies are not made in production"


def seed(companies: Sequence[DemoCompany] = COMPANIES) -> list[str]:
    """Make the demo companies that are not there yet; returns their subdomains. Raises NoDemoHere in production."""
    if current_app.config["TRACKTOK_ENV"] == "production":
        raise NoDemoHere("Demo companies have known passwords. They are not made when TRACKTOK_ENV is production.")
    made = [company.subdomain for company in companies if _seed_company(company)]
    if made:
        _add_visitor()
    if ACME.subdomain in made:
        _let_outsiders_in(ACME.subdomain)
    return made


def _exists(subdomain: str) -> bool:
    with door("seed the demo"):
        found = db.session.execute(select(Tenant.id).where(func.lower(Tenant.subdomain) == subdomain)).first()
        db.session.rollback()
    return found is not None


def _seed_company(story: DemoCompany) -> bool:
    if _exists(story.subdomain):
        return False
    people = _people(story)
    tenant_id = new_id()
    with tenant_scope(tenant_id), transaction():
        actors = _begin(story, people)
        with acting(actors["owner"]):
            _fill(story, actors)
    return True


def _people(story: DemoCompany) -> dict[str, Person]:
    found: dict[str, Person] = {}
    with door("seed the demo"), transaction():
        for told in story.people:
            person = find_person_by_email(told.email)
            if person is None:
                person = add_person(NewOwner(told.email, PASSWORD, told.first_name, told.last_name))
                person.email_verified_at = clock.now()
                person.is_platform_admin = story is ACME and told.role == "owner"
            found[told.role] = person
    return found


def _begin(story: DemoCompany, people: dict[str, Person]) -> dict[str, Actor]:
    new = NewTenant(
        name=story.name,
        subdomain=story.subdomain,
        currency=story.currency,
        timezone=story.timezone,
        locale=story.locale,
        date_format=story.date_format,
        fiscal_year_start_month=story.fiscal_year_start_month,
    )
    owner = people["owner"]
    actors = {}
    with acting(Actor("person", owner.id, role="owner", name=owner.name, email=owner.email)):
        tenant, membership = begin_company(new, owner, is_demo=True)
        tenant.tier, tenant.tax_id = story.tier, story.tax_id
        for name, value in story.address.items():
            setattr(tenant, name, value)
        tenant.trial_end_date = None
        members = {"owner": membership.id}
        for role, person in people.items():
            if role != "owner":
                members[role] = new_id()
                db.session.add(Membership(id=members[role], person_id=person.id, role=role))
        db.session.flush()
    for role, person in people.items():
        actors[role] = Actor(
            kind="person",
            person_id=person.id,
            membership_id=members[role],
            role=role,
            name=person.name,
            email=person.email,
            permissions=permissions_of("admin" if role == "analyst" else role),
        )
    return actors


class _Names:
    """The ids of what the story names, made when they are first named."""

    def __init__(self, story: DemoCompany, rows: Sequence[DemoExpense]) -> None:
        self.categories: dict[tuple[str, ...], UUID] = {}
        below: dict[UUID, tuple[str, UUID | None]] = {
            row.id: (row.name, row.parent_id)
            for row in db.session.execute(select(Category.id, Category.name, Category.parent_id))
        }
        for category_id in below:
            path: list[str] = []
            at: UUID | None = category_id
            while at is not None:
                name, parent = below[at]
                path.insert(0, name)
                at = parent
            self.categories[tuple(path)] = category_id
        self.accounts = self._accounts(story, rows)
        self.projects = {
            told.name: create_project(
                ProjectIn(
                    name=told.name,
                    code=told.code,
                    client_name=told.client,
                    status=told.status,
                    budget_amount=told.budget,
                )
            ).id
            for told in story.projects
        }
        known = set(db.session.execute(select(Tag.name)).scalars())
        for name in story.tags:
            if name not in known:
                create_tag(TagIn(name=name))

    def _accounts(self, story: DemoCompany, rows: Sequence[DemoExpense]) -> dict[str, UUID]:
        for row in list(db.session.execute(select(Account).where(Account.deleted_at.is_(None))).scalars()):
            delete_account(row)  # the two defaults, which nothing has used yet
        first = min(row.day for row in rows)
        found = {}
        for told in story.accounts:
            opening = opening_balance(told, rows)
            if told.type == "card":
                opening = -opening  # on a card the opening balance is what is owed
            body = AccountIn(
                name=told.name,
                type=told.type,
                currency=told.currency,
                institution=told.institution,
                number_last4=told.number_last4,
                opening_balance=opening,
                opening_date=first.replace(day=1),
            )
            found[told.name] = create_account(body).id
        return found

    def category(self, path: tuple[str, ...]) -> UUID | None:
        """The category of a path of names; what is missing of the path is made."""
        if not path:
            return None
        if path not in self.categories:
            parent = self.category(path[:-1])
            self.categories[path] = create_category(CategoryIn(name=path[-1], parent_id=parent)).id
        return self.categories[path]

    def leave_only(self, told: set[tuple[str, ...]]) -> None:
        """Delete the categories of a new company that the story does not use: it has a tree of its own."""
        kept = {path[:end] for path in told for end in range(1, len(path) + 1)}
        for path in sorted(self.categories.keys() - kept, key=len, reverse=True):
            delete_category(get_category(self.categories.pop(path)), None)


def _fill(story: DemoCompany, actors: dict[str, Actor]) -> None:
    today = clock.today(story.timezone)
    rows = story.write(today)
    names = _Names(story, rows)
    for row in rows:
        names.category(row.category)
    names.leave_only({row.category for row in rows} | {told.category for told in story.budgets})
    refs = load_references(
        categories=names.categories.values(), projects=names.projects.values(), accounts=names.accounts.values()
    )
    tags = {row.name: row.id for row in db.session.execute(select(Tag.id, Tag.name))}
    made: list[UUID] = []
    for first in range(0, len(rows), AT_ONCE):
        made += _record(story, rows[first : first + AT_ONCE], names, actors, refs, tags)
    for number, row in enumerate(rows):
        if row.has_receipt:
            with acting(actors[row.person]):
                add_receipts(made[number], [_receipt(row, number)])
    received = sell(story.sales, names.accounts, today, story.timezone)
    _lower_openings(names.accounts, received)
    if story is ACME:
        meter(today, story.timezone)
    if story.hires_vendors:
        drive(hire_vendors(today), today, next(iter(names.accounts.values())), list(names.projects.values()))
    for told in story.budgets:
        create_budget(
            BudgetIn(
                name=told.name,
                amount=budget_amount(told, rows, today, story.fiscal_year_start_month),
                period=told.period,
                start_date=period_start(told, today.replace(year=today.year - 1), story.fiscal_year_start_month),
                category_id=names.category(told.category),
                project_id=names.projects.get(told.project),
                enforcement=told.enforcement,
                alert_thresholds=list(told.thresholds),
            )
        )


def _lower_openings(accounts: dict[str, UUID], received: dict[str, Decimal]) -> None:
    """What customers paid was not there in the beginning: accounts are left with what the story says, if that goes."""
    for name, amount in received.items():
        account = get_account(accounts[name], for_update=True)
        if account.opening_balance > amount:
            patch_account(account, AccountPatch(opening_balance=account.opening_balance - amount))


def _record(
    story: DemoCompany,
    rows: Sequence[DemoExpense],
    names: _Names,
    actors: dict[str, Actor],
    refs: References,
    tags: dict[str, UUID],
) -> list[UUID]:
    """Record many at once, as `record_expense` would one by one, and post them in one posting."""
    changes, carried = [], []
    for row in rows:
        base = round_amount(row.amount * row.rate, story.currency)
        expense = Expense(
            id=new_id(),
            title=row.title,
            description=row.description,
            merchant=row.merchant,
            reference=row.reference,
            amount=row.amount,
            currency=row.currency,
            base_amount=base,
            exchange_rate=row.rate,
            rate_date=row.day if row.currency != story.currency else None,
            rate_source="given" if row.currency != story.currency else "",
            account_amount=base,
            tax_amount=row.tax,
            expense_date=row.day,
            payment_method=row.method,
            status=row.status,
            is_billable=row.is_billable,
            category_id=names.category(row.category),
            project_id=names.projects.get(row.project),
            account_id=names.accounts.get(row.account),
            person_id=actors[row.person].person_id,
            receipts=0,
        )
        own = [tags[name] for name in row.tags]
        db.session.add(expense)
        carried.append((expense, own))
        changes.append(Change(None, contribution_of(expense, refs, own)))
    db.session.flush()
    for expense, own in carried:
        put_tags(expense.id, expense.expense_date, own)
    post_changes(changes)
    db.session.expunge_all()  # the rows are written; memory need not hold them all
    return [expense.id for expense, _ in carried]


def _receipt(row: DemoExpense, number: int) -> FileStorage:
    """A picture of a till slip with what the expense says."""
    picture = Image.new("RGB", (420, 560), "#fdfdf8")
    draw = ImageDraw.Draw(picture)
    tax = row.tax or Decimal(0)
    head = [
        row.merchant.upper() or "CASH BILL",
        f"No. {10_000 + number}",
        f"{row.day:%d %b %Y}",
        "",
        row.title[:40],
        "",
    ]
    sums = [f"Net   {row.amount - tax}", f"Tax   {tax}", f"TOTAL {row.amount} {row.currency}", "", "Thank you"]
    for line, text in enumerate(head + sums):
        printable = text.encode("latin-1", "replace").decode("latin-1")
        draw.text((36, 40 + line * 34), printable, fill="#333333", font_size=19)
    draw.rectangle((12, 12, 407, 547), outline="#cccccc", width=2)
    made = io.BytesIO()
    picture.save(made, "PNG")
    made.seek(0)
    return FileStorage(made, filename=f"receipt-{row.day.isoformat()}-{number}.png")


def _add_visitor() -> None:
    email, subdomain = VISITOR
    with door("seed the demo"):
        person = find_person_by_email(email)
        tenant_id = db.session.execute(
            select(Tenant.id).where(func.lower(Tenant.subdomain) == subdomain)
        ).scalar_one_or_none()
        person_id = person.id if person else None
        db.session.rollback()
    if person_id is None or tenant_id is None:
        return
    with tenant_scope(tenant_id), transaction():
        known = db.session.execute(select(Membership.id).where(Membership.person_id == person_id)).first()
        if known is None:
            db.session.add(Membership(id=new_id(), person_id=person_id, role="analyst"))


def _let_outsiders_in(subdomain: str) -> None:
    """Somebody of the vendor that is paid by the trip, and an employee who is driven."""
    with door("seed the demo"), transaction():
        tenant_id = db.session.execute(select(Tenant.id).where(Tenant.subdomain == subdomain)).scalar_one()
        people = {}
        for email, first_name, last_name, role in OUTSIDERS:
            person = find_person_by_email(email) or add_person(NewOwner(email, PASSWORD, first_name, last_name))
            person.email_verified_at = clock.now()
            people[role] = person.id
    with tenant_scope(tenant_id), transaction():
        vendor_id = db.session.execute(
            select(Vendor.id).where(Vendor.billing_model == "trip").order_by(Vendor.name).limit(1)
        ).scalar_one_or_none()
        if vendor_id is None:
            return
        employee = add_employee(EmployeeIn(name="Asha Rao", code=EMPLOYEE_CODE, email=OUTSIDERS[1][0]))
        for role, record_id in (("vendor", vendor_id), ("employee", employee.id)):
            db.session.add(Membership(id=new_id(), person_id=people[role], role=role, record_id=record_id))
