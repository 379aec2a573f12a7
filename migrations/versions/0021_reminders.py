"""Reminders: levels with their words, whether they are sent, and what was sent. Off for companies that are there."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import walls

revision = "0021_reminders"
down_revision = "0020_cash"
branch_labels = None
depends_on = None

TABLES = ("reminder_settings", "reminder_levels", "reminder_mails", "reminders")
LEVELS = (
    (-3, "Due soon", False, "{number} is due on {due_date}",
     "Hello,\n\na short note that {amount_due} for {number} is due on {due_date}. If it is on its way already, there is"
     " nothing to do.\n\nThank you,\n{company}"),
    (1, "Just due", False, "{number} was due on {due_date}",
     "Hello,\n\n{amount_due} for {number} was due on {due_date}. Perhaps our letters have crossed; if not, please pay"
     " it these days.\n\nThank you,\n{company}"),
    (7, "First reminder", True, "Reminder: {amount_due} overdue, {number}",
     "Hello,\n\nby our books {amount_due} for {number} is open since {due_date}. Please pay it, or tell us what keeps"
     " you from it: on the page below you can pay, say when you will, or say what is wrong.\n\nThank you,\n{company}"),
    (21, "Second reminder", True, "Second reminder: {amount_due} overdue, {number}",
     "Hello,\n\n{amount_due} for {number} is still open, since {due_date}, {days_overdue} days by now."
     " Please pay it within a week, or answer us.\n\nThank you,\n{company}"),
    (45, "Final reminder", False, "Final reminder: {amount_due} overdue, {number}",
     "Hello,\n\n{amount_due} for {number} is open since {due_date}, {days_overdue} days by now, and our reminders were"
     " not answered. If it is not paid within seven days we have to take further steps.\n\n{company}"),
)  # fmt: skip


def _columns(*more: Any) -> list[Any]:
    key = [sa.Column(name, sa.Uuid(), nullable=False) for name in ("tenant_id", "id")]
    stamps = [
        sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
        for name in ("created_at", "updated_at")
    ]
    return [*key, *more, *stamps]


def _flag(name: str, default: str | None = None) -> Any:
    return sa.Column(name, sa.Boolean(), server_default=default, nullable=False)


def _text(name: str) -> Any:
    return sa.Column(name, sa.Text(), nullable=False)


def _key(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{target}.tenant_id", f"{target}.id"])


def _version() -> Any:
    return sa.Column("version", sa.Integer(), server_default="1", nullable=False)


def upgrade() -> None:
    op.create_table(
        "reminder_settings",
        *_columns(_flag("is_on", "true"), _version()),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id"),
    )
    op.create_table(
        "reminder_levels",
        *_columns(
            sa.Column("days", sa.SmallInteger(), nullable=False),
            *(_text(name) for name in ("name", "subject", "message")),
            _flag("is_active", "true"),
            sa.Column("active_from", sa.Date(), nullable=False),
            _flag("is_deleted", "false"),
            _version(),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.CheckConstraint("days BETWEEN -90 AND 365", name="days"),
    )
    op.create_index(
        "uq_reminder_levels_days",
        "reminder_levels",
        ["tenant_id", "days"],
        unique=True,
        postgresql_where=sa.text("NOT is_deleted"),
    )
    op.create_table(
        "reminder_mails",
        *_columns(
            sa.Column("customer_id", sa.Uuid(), nullable=False),
            sa.Column("sent_on", sa.Date(), nullable=False),
            _flag("is_automatic"),
            sa.Column("to_addresses", postgresql.JSONB(), nullable=False),
            _text("subject"),
            sa.Column("sent_by", sa.Uuid(), nullable=True),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        _key("customer_id", "customers"),
    )
    op.create_index(
        "uq_reminder_mails_day",
        "reminder_mails",
        ["tenant_id", "customer_id", "sent_on"],
        unique=True,
        postgresql_where=sa.text("is_automatic"),
    )
    op.create_index("ix_reminder_mails_by_customer", "reminder_mails", ["tenant_id", "customer_id", "id"])
    op.create_table(
        "reminders",
        *_columns(
            sa.Column("mail_id", sa.Uuid(), nullable=False),
            sa.Column("document_id", sa.Uuid(), nullable=False),
            sa.Column("level_id", sa.Uuid(), nullable=True),
            _text("level_name"),
            sa.Column("level_days", sa.SmallInteger(), nullable=True),
            sa.Column("sent_on", sa.Date(), nullable=False),
            sa.Column("amount_due", sa.Numeric(19, 4), nullable=False),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        _key("mail_id", "reminder_mails"),
        _key("document_id", "sales_documents"),
        _key("level_id", "reminder_levels"),
        sa.UniqueConstraint("tenant_id", "document_id", "level_id"),
        sa.UniqueConstraint("tenant_id", "document_id", "sent_on"),
    )
    op.create_index("ix_reminders_by_mail", "reminders", ["tenant_id", "mail_id"])
    _fill()
    for table in TABLES:
        walls.protect(table)
    op.add_column("sales_documents", _flag("reminders_stopped", "false"))
    op.drop_column("sales_documents", "reminder_level")


def _fill() -> None:
    """Companies that are there find the levels, and nothing is sent until somebody switches reminders on."""
    connection = op.get_bind()
    connection.execute(sa.text("SELECT set_config('app.door', 'companies get their levels of reminders', true)"))
    connection.execute(
        sa.text(
            "INSERT INTO reminder_settings (tenant_id, id, is_on) SELECT id, gen_random_uuid(), false FROM tenants"
        )
    )
    level = sa.text(
        "INSERT INTO reminder_levels (tenant_id, id, days, name, is_active, subject, message, active_from)"
        " SELECT id, gen_random_uuid(), :days, :name, :is_active, :subject, :message, :today FROM tenants"
    )
    names = ("days", "name", "is_active", "subject", "message")
    for row in LEVELS:
        connection.execute(level, {**dict(zip(names, row, strict=True)), "today": date.today()})
    connection.execute(sa.text("SELECT set_config('app.door', '', true)"))


def downgrade() -> None:
    op.add_column("sales_documents", sa.Column("reminder_level", sa.SmallInteger(), server_default="0", nullable=False))
    op.drop_column("sales_documents", "reminders_stopped")
    for table in reversed(TABLES):
        op.drop_table(table)
