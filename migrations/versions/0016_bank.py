"""Bank statements, and their lines matched to receipts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations import walls

revision = "0016_bank"
down_revision = "0015_allocation_days"
branch_labels = None
depends_on = None

AMOUNT = sa.Numeric(19, 4)


def _fk(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{target}.tenant_id", f"{target}.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    op.create_table(
        "bank_statements",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        _text("bank_account"),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("opening_balance", AMOUNT, nullable=True),
        sa.Column("closing_balance", AMOUNT, nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("repeated", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        _fk("bank_statements", "account_id", "accounts"),
        _fk("bank_statements", "file_id", "files"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_bank_statements")),
    )
    op.create_index("ix_bank_statements_by_account", "bank_statements", ["tenant_id", "account_id", "id"])
    op.create_index("ix_bank_statements_by_file", "bank_statements", ["tenant_id", "file_id"])
    op.create_table(
        "bank_lines",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        _text("counterparty"),
        _text("reference"),
        _text("description"),
        _text("external_id"),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=True),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("matched_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_bank_lines_amount")),
        sa.CheckConstraint("status IN ('open','matched','ignored')", name=op.f("ck_bank_lines_status")),
        sa.CheckConstraint("(receipt_id IS NOT NULL) = (status = 'matched')", name=op.f("ck_bank_lines_receipt")),
        _fk("bank_lines", "statement_id", "bank_statements"),
        _fk("bank_lines", "account_id", "accounts"),
        _fk("bank_lines", "receipt_id", "customer_receipts"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_bank_lines")),
        sa.UniqueConstraint(
            "tenant_id", "account_id", "fingerprint", name=op.f("uq_bank_lines_tenant_id_account_id_fingerprint")
        ),
    )
    op.create_index("ix_bank_lines_by_date", "bank_lines", ["tenant_id", "booked_on", "id"])
    op.create_index("ix_bank_lines_by_status", "bank_lines", ["tenant_id", "status", "booked_on", "id"])
    op.create_index("ix_bank_lines_by_statement", "bank_lines", ["tenant_id", "statement_id", "id"])
    op.create_index(
        "uq_bank_lines_receipt",
        "bank_lines",
        ["tenant_id", "receipt_id"],
        unique=True,
        postgresql_where=sa.text("receipt_id IS NOT NULL"),
    )
    walls.protect("bank_statements")
    walls.protect("bank_lines")


def downgrade() -> None:
    op.drop_table("bank_lines")
    op.drop_table("bank_statements")
