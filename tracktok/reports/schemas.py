"""Dashboards and reports, in and out."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from tracktok.web.api import ListQuery, Query, Schema
from tracktok.web.saved import LONGEST_FILTER, MOST_FILTERS

from .rules.ranges import Preset


class DashboardQuery(Query):
    """Which days: a preset, or `date_from` and `date_to` together."""

    preset: Preset | None = None
    date_from: date | None = None
    date_to: date | None = Field(None, description="This day included")


class FigureOut(Schema):
    """A figure, what it was in the period before, and the change in percent (null when there is nothing to compare)."""

    value: str
    before: str
    percent: str | None


class SpanOut(Schema):
    """Days, both included."""

    start: date
    end: date


class TrendOut(Schema):
    """A slice of the trend."""

    start: date
    end: date
    value: str
    items: int
    before: str | None


class ItemOut(Schema):
    """What one category or project came to, with those below it. `depth` 0 adds up to the whole."""

    id: UUID | None
    name: str
    parent_id: UUID | None
    depth: int
    value: str
    before: str
    percent: str | None
    share: str
    items: int


class DashboardOut(Schema):
    """The figures of a range, against the range before."""

    currency: str
    range: SpanOut
    before: SpanOut
    total: FigureOut
    spent: FigureOut
    committed: FigureOut
    count: FigureOut
    average_per_day: FigureOut
    trend: list[TrendOut]
    categories: list[ItemOut]
    projects: list[ItemOut]
    budgets: list[dict[str, Any]]
    recent: list[dict[str, Any]]
    own: bool = Field(description="Whether these are the figures of one's own expenses only")


MOST_CHART_DAYS = 400


class OffersOut(Schema):
    """Quotes that were sent or accepted and are no invoice yet."""

    count: int
    amount: str


class MetricsOut(Schema):
    """What billing comes to. The first three are of the range, the others as of today; in the company's currency."""

    currency: str
    range: SpanOut
    before: SpanOut
    as_of: date
    revenue: FigureOut = Field(description="Income in the books, without taxes")
    billed: FigureOut = Field(description="Invoices and debit notes less credit notes, with taxes")
    collected: FigureOut = Field(description="Money received less money given back")
    outstanding: str
    overdue: str
    unallocated_credit: str = Field(description="What was received and pays nothing yet")
    open_credit_notes: str
    average_days_to_pay: str | None = Field(description="From issue to the last payment, of invoices paid in the range")
    average_days_to_pay_before: str | None
    invoices_paid: int
    open_quotes: OffersOut


class ChartQuery(DashboardQuery):
    """Which days, and how they are parted."""

    step: Literal["day", "month"] | None = Field(None, description="By day up to 45 days, else by month")


class ChartPointOut(Schema):
    """A slice of a range."""

    start: date
    end: date
    billed: str
    collected: str


class RevenueChartOut(Schema):
    """What was billed and collected, slice by slice without gaps."""

    currency: str
    range: SpanOut
    before: SpanOut
    step: Literal["day", "month"]
    data: list[ChartPointOut]


class AgeingQuery(Query):
    """Receivables of which day, and of whom."""

    as_of: date | None = Field(None, ge=date(1990, 1, 1), le=date(2100, 12, 31), description="Today when none is given")
    customer_id: UUID | None = None
    limit: int = Field(100, ge=1, le=1000, description="How many customers, those who owe most first")


class BucketOut(Schema):
    """What is owed of one age."""

    key: str
    label: str
    amount: str


class OwingOut(Schema):
    """What is owed, and what stands against it."""

    total: str
    overdue: str
    documents: int
    unallocated_credit: str
    open_credit_notes: str
    balance: str = Field(description="What is owed less the credit: receivables less advances in the books")


class CustomerOwingOut(OwingOut):
    """What a customer owes, by age."""

    customer_id: UUID
    customer_name: str
    buckets: dict[str, str]


class AgeingOut(OwingOut):
    """What is owed by age, in the company's currency, as a whole and by customer."""

    as_of: date
    currency: str
    buckets: list[BucketOut]
    customer_count: int
    customers: list[CustomerOwingOut]


class ReportIn(Schema):
    """Which month to report on."""

    month: date | None = Field(None, description="Any day of the month; the last full month when none is given")


class ReportQuery(ListQuery):
    """Which reports."""


class ReportOut(Schema):
    """A report, with the job that makes it and, once it is made, its file."""

    id: UUID
    kind: str
    month: date
    status: str
    progress: int
    error: str | None
    file_url: str | None
    created_at: str
    finished_at: str | None


class UsageReportQueued(Schema):
    """A report that was asked for: the job that makes it."""

    jobId: UUID  # noqa: N815 - as the route has always been described
    status: str = Field(examples=["queued"])


class UsageReportStatus(Schema):
    """How far a report is."""

    status: str = Field(description="queued, running, done, failed or cancelled")
    progress: int = Field(description="In percent", examples=[100])
    fileUrl: str | None  # noqa: N815


Kind = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$", description="Which list", examples=["expenses"])]
FilterName = Annotated[str, Field(min_length=1, max_length=60)]
FilterValue = Annotated[str, Field(max_length=LONGEST_FILTER)]


class SavedViewIn(Schema):
    """A list with its filters, to be kept under a name."""

    kind: Kind
    name: str = Field(min_length=1, max_length=60, examples=["Unpaid fuel"])
    filters: dict[FilterName, FilterValue | list[FilterValue]] = Field(
        default_factory=dict,
        max_length=MOST_FILTERS,
        description="The query of the list's address",
        examples=[{"status": "approved", "tag": ["fuel"]}],
    )
    is_shared: bool = Field(False, description="Whether everybody in the company sees it; owners and admins decide")


class SavedViewForm(Schema):
    """A view as its form sends it: the filters are the query of the list's address."""

    kind: Kind
    name: str = Field(min_length=1, max_length=60, title="Name")
    query: str = Field("", max_length=8_000)
    is_shared: bool = False
    replace: bool = False


class SavedViewQuery(ListQuery):
    """Which saved views."""

    kind: Kind | None = None


class SavedViewOut(Schema):
    """A saved view: one's own, or one that is shared with the company."""

    id: UUID
    kind: str
    name: str
    filters: dict[str, list[str]]
    is_shared: bool
    is_own: bool
    url: str = Field(description="The list's page with these filters")
    version: int
    created_at: str
    updated_at: str


Format = Literal["json", "csv", "xlsx", "pdf"]


class BooksQuery(DashboardQuery):
    """Which days, and as what; the running fiscal year when none are given."""

    format: Format = "json"


class StatementLineOut(FigureOut):
    """A line of a statement. `account_id` is null for results."""

    account_id: UUID | None
    code: str
    name: str


class StatementPartOut(Schema):
    """A part of a statement with its sum."""

    key: str
    title: str
    lines: list[StatementLineOut]
    total: FigureOut


class ProfitAndLossOut(Schema):
    """What was earned and spent in a range, against the range before; without taxes, in the company's currency."""

    currency: str
    range: SpanOut
    before: SpanOut
    income: StatementPartOut
    expense: StatementPartOut
    result: FigureOut = Field(description="The profit; below zero for a loss")


class BalanceSheetOut(Schema):
    """What stood on the accounts at the end of a day; `before` are the figures at the end of `as_of_before`."""

    currency: str
    as_of: date
    as_of_before: date
    assets: StatementPartOut
    liabilities: StatementPartOut
    equity: StatementPartOut
    liabilities_and_equity: FigureOut


class AgeingReportQuery(AgeingQuery):
    """Receivables of which day, and as what. Files hold every customer."""

    format: Format = "json"


class GstSummaryQuery(BooksQuery):
    """Which days, of which company, and as what."""

    company_id: UUID | None = None


class TaxesOut(Schema):
    """Amounts before tax, and the taxes on them."""

    taxable: str
    cgst: str
    sgst: str
    igst: str
    cess: str
    tax: str


class GstRowOut(TaxesOut):
    """What was supplied in a month at a rate, of one section of GSTR-1."""

    month: str
    section: str
    rate: str
    reverse_charge: bool = Field(description="The recipient owes the tax: none is charged")
    documents: int


class GstAdvanceOut(TaxesOut):
    """Tax on advances of a month at a rate, by section of GSTR-1; what invoices took up is below zero."""

    month: str
    section: str = Field(description="at, txpd; ata and txpda of earlier months that have changed")
    rate: str


class GstSummaryOut(Schema):
    """Output tax of issued documents, credit notes taken off, beside what the books have of it."""

    range: SpanOut
    rows: list[GstRowOut]
    advances: list[GstAdvanceOut]
    total: TaxesOut = Field(description="Of documents")
    owed: TaxesOut = Field(description="Of documents and advances")
    booked: TaxesOut | None = Field(description="The output tax accounts of the books; null for one company of several")
    equal: bool
