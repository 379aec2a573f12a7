"""The books: balanced, append-only entries; balances and totals; exchange rates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import walls

revision = "0004_ledger"
down_revision = "0003_audit"
branch_labels = None
depends_on = None

# Checked when the transaction ends: every entry that it made has two lines or more, and they add up to nothing,
# in the tenant's currency and, where all lines are in one currency, in that too.
BALANCED = """
CREATE FUNCTION ledger_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE lines int; base numeric; currencies int; original numeric;
BEGIN
  SELECT count(*), coalesce(sum(base_amount), 0), count(DISTINCT currency), coalesce(sum(amount), 0)
    INTO lines, base, currencies, original
    FROM ledger_lines WHERE tenant_id = NEW.tenant_id AND entry_id = NEW.id;
  IF lines < 2 THEN
    RAISE EXCEPTION 'ledger entry % has % lines', NEW.id, lines USING ERRCODE = 'check_violation';
  END IF;
  IF base <> 0 OR (currencies = 1 AND original <> 0) THEN
    RAISE EXCEPTION 'ledger entry % does not balance: %', NEW.id, base USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_entry_balances AFTER INSERT ON ledger_entries
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_balances();
"""

# Lines may be added only in the transaction that makes their entry: else a balanced entry could grow later, unchecked.
# They are of their entry's day, and an account that holds one currency takes no other. Looked up line by line, by
# primary key: a join's plan, made while the tables are small, would be kept when they have grown.
LINES = """
CREATE FUNCTION ledger_lines_fit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong text;
BEGIN
  SELECT fault INTO wrong FROM (
    SELECT coalesce(
      (SELECT CASE WHEN e.transaction_id <> transaction_number() THEN 'a posted ledger entry takes no more lines'
                   WHEN e.entry_date <> a.entry_date THEN 'a ledger line is of another day than its entry' END
         FROM ledger_entries e WHERE e.tenant_id = a.tenant_id AND e.id = a.entry_id),
      (SELECT 'the account holds ' || b.currency || ', the ledger line is in ' || a.currency
         FROM book_accounts b
        WHERE b.tenant_id = a.tenant_id AND b.id = a.book_account_id AND b.currency <> a.currency)) AS fault
      FROM added a) looked_up
   WHERE fault IS NOT NULL LIMIT 1;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION '%', wrong USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ledger_lines_fit AFTER INSERT ON ledger_lines
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_lines_fit();
"""


def upgrade() -> None:
    op.execute("CREATE SEQUENCE ledger_entry_numbers")
    op.create_table(
        "book_accounts",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("is_archived", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "type IN ('asset','liability','equity','income','expense')", name=op.f("ck_book_accounts_type")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_book_accounts")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_book_accounts_tenant_id_code")),
        sa.UniqueConstraint("tenant_id", "role", name=op.f("uq_book_accounts_tenant_id_role")),
    )
    walls.protect("book_accounts")
    op.create_table(
        "ledger_entries",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), server_default=sa.text("nextval('ledger_entry_numbers')"), nullable=False),
        sa.Column("entry_date", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("memo", sa.Text(), server_default="", nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column(
            "transaction_id",
            sa.BigInteger(),
            server_default=sa.text("transaction_number()"),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reverses_id"],
            ["ledger_entries.tenant_id", "ledger_entries.id"],
            name=op.f("fk_ledger_entries_tenant_id_reverses_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("tenant_id", "reverses_id", name=op.f("uq_ledger_entries_tenant_id_reverses_id")),
    )
    op.create_index(
        "ix_ledger_entries_tenant_id_entry_date_id", "ledger_entries", ["tenant_id", "entry_date", "id"], unique=False
    )
    op.create_index(
        "ix_ledger_entries_tenant_id_source_source_id",
        "ledger_entries",
        ["tenant_id", "source", "source_id"],
        unique=False,
    )
    walls.protect("ledger_entries", append_only=True)
    op.create_table(
        "ledger_lines",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("book_account_id", sa.Uuid(), nullable=False),
        sa.Column("entry_date", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("base_amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("items", sa.Integer(), server_default="1", nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("vendor_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "book_account_id"],
            ["book_accounts.tenant_id", "book_accounts.id"],
            name=op.f("fk_ledger_lines_tenant_id_book_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "entry_id"],
            ["ledger_entries.tenant_id", "ledger_entries.id"],
            name=op.f("fk_ledger_lines_tenant_id_entry_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "entry_id", "line_number", name=op.f("pk_ledger_lines")),
    )
    op.create_index(
        "ix_ledger_lines_tenant_id_book_account_id_entry_date",
        "ledger_lines",
        ["tenant_id", "book_account_id", "entry_date", "entry_id", "line_number"],
        unique=False,
    )
    walls.protect("ledger_lines", append_only=True)
    op.create_table(
        "ledger_balances",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("book_account_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("debit", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("credit", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("base_debit", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("base_credit", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_ledger_balances_month")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "book_account_id"],
            ["book_accounts.tenant_id", "book_accounts.id"],
            name=op.f("fk_ledger_balances_tenant_id_book_account_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "book_account_id", "month", "currency", name=op.f("pk_ledger_balances")),
    )
    walls.protect("ledger_balances")
    op.create_table(
        "ledger_totals",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("book_type", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("dimension_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("base_amount", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "book_type", "dimension", "dimension_id", "day", name=op.f("pk_ledger_totals")
        ),
    )
    op.create_index(
        "ix_ledger_totals_by_day",
        "ledger_totals",
        ["tenant_id", "book_type", "dimension", "day", "dimension_id"],
        unique=False,
        postgresql_include=["base_amount", "items"],
    )
    walls.protect("ledger_totals")
    op.create_table(
        "exchange_rates",
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("rate_date", sa.Date(), nullable=False),
        sa.Column("per_euro", sa.Numeric(precision=28, scale=12), nullable=False),
        sa.Column("source", sa.Text(), server_default="ECB", nullable=False),
        sa.PrimaryKeyConstraint("currency", "rate_date", name=op.f("pk_exchange_rates")),
    )

    walls.grant("exchange_rates")  # public figures, of no tenant
    op.execute(f"GRANT USAGE ON SEQUENCE ledger_entry_numbers TO {walls.app_role()}")
    op.execute(BALANCED)
    op.execute(LINES)


def downgrade() -> None:
    op.drop_table("exchange_rates")
    op.drop_table("ledger_totals")
    op.drop_table("ledger_balances")
    op.drop_table("ledger_lines")
    op.drop_table("ledger_entries")
    op.drop_table("book_accounts")
    op.execute("DROP SEQUENCE ledger_entry_numbers")
    op.execute("DROP FUNCTION ledger_entry_balances()")
    op.execute("DROP FUNCTION ledger_lines_fit()")
