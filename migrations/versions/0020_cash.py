"""Refunds that payment providers refused; what customers answered to quotes; deposits; search."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import walls

revision = "0020_cash"
down_revision = "0019_bank_tables"
branch_labels = None
depends_on = None


# The words of numbers and references, each behind a short key of its tenant, cut as those of expenses are; and the
# running number without its noughts. See docs/decisions/0010-text-search-runs-as-a-role-of-its-own.md.
BETWEEN = (
    "-/._@:;#,+&()'\"!?*|<>\\[]{}=%$^~`"
    "\u00a0\u00a1\u00a3\u00a5\u00ab\u00b7\u00bb\u00bf\u2010\u2011\u2012\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u20ac\u20b9\u3000"
)
_BETWEEN = "[[:space:]" + "".join(f"\\u{ord(one):04x}" for one in BETWEEN) + "]+"
KEY = "'x' || right(tenant_id::text, 8)"
NUMBER = "coalesce(number, '')"
RUNNING = f"regexp_replace({NUMBER}, '^.*?0*([1-9][0-9]*)[^0-9]*$', '\\1')"
TEXTS = f"' ' || {NUMBER} || ' ' || left({RUNNING}, 100) || ' ' || left(reference, 500)"
KEYED = f"regexp_replace({TEXTS}, '{_BETWEEN}', ' ' || {KEY}, 'g')"
WORDS = f"array_to_tsvector(array_remove(array_remove(string_to_array(lower({KEYED}), ' '), {KEY}), ''))"
SEARCH = """
CREATE FUNCTION search_{table}(words text[], most integer) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET enable_seqscan = off SET enable_indexscan = off AS $$
DECLARE
  tenant uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
  asked tsquery;
BEGIN
  SELECT to_tsquery('simple', string_agg(quote_literal('x' || right(tenant::text, 8) || word) || ':*', ' & '))
    INTO asked FROM unnest(words) AS word;
  RETURN ARRAY(
    SELECT id FROM {table}
     WHERE {live} {words} @@ asked
       AND (tenant_id = tenant) IS TRUE  -- the words carry the tenant already; this judges
     LIMIT most);
END $$
"""
SEARCHED = {"sales_documents": "deleted_at IS NULL", "customer_receipts": ""}


def _search() -> None:
    op.execute("GRANT USAGE, CREATE ON SCHEMA public TO tracktok_search")  # CREATE is asked of a function's new owner
    for table, live in SEARCHED.items():
        op.create_index(
            f"hand_{table}_words", table, [sa.literal_column(WORDS)], postgresql_using="gin",
            postgresql_where=sa.text(live) if live else None,
        )  # fmt: skip
        op.execute(f"CREATE POLICY search ON {table} FOR SELECT TO tracktok_search USING (true)")
        columns = "tenant_id, id, number, reference" + (", deleted_at" if live else "")
        op.execute(f"GRANT SELECT ({columns}) ON {table} TO tracktok_search")
        op.execute(SEARCH.format(table=table, live=f"{live} AND" if live else "", words=WORDS))
        op.execute(f"REVOKE ALL ON FUNCTION search_{table} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION search_{table} TO {walls.app_role()}")
        op.execute(f"ALTER FUNCTION search_{table} OWNER TO tracktok_search")
    op.execute("REVOKE CREATE ON SCHEMA public FROM tracktok_search")


def _fk(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{target}.tenant_id", f"{target}.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
    )


def upgrade() -> None:
    op.add_column("refunds", sa.Column("failure", sa.Text(), server_default="", nullable=False))
    _quote_answers()
    _deposits()
    _search()


def _quote_answers() -> None:
    op.create_table(
        "quote_answers",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("total", sa.Numeric(19, 4), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("user_agent", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        _fk("quote_answers", "document_id", "sales_documents"),
        _fk("quote_answers", "customer_id", "customers"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_quote_answers")),
    )
    op.create_index("ix_quote_answers_by_document", "quote_answers", ["tenant_id", "document_id", "id"])
    walls.protect("quote_answers")


def _deposits() -> None:
    op.create_table(
        "deposits",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("hsn_sac", sa.Text(), server_default="", nullable=False),
        sa.Column("supply_kind", sa.Text(), server_default="services", nullable=False),
        sa.Column("tax_rate", sa.Numeric(28, 12), server_default="0", nullable=False),
        sa.Column("rate_known", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("supply_type", sa.Text(), server_default="", nullable=False),
        sa.Column("place_of_supply", sa.Text(), server_default="", nullable=False),
        sa.Column("inter_state", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("reverse_charge", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("snapshot", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("supply_kind IN ('goods','services')", name=op.f("ck_deposits_supply_kind")),
        sa.CheckConstraint("tax_rate >= 0", name=op.f("ck_deposits_tax_rate")),
        _fk("deposits", "receipt_id", "customer_receipts"),
        _fk("deposits", "customer_id", "customers"),
        _fk("deposits", "document_id", "sales_documents"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_deposits")),
        sa.UniqueConstraint("tenant_id", "receipt_id", name=op.f("uq_deposits_tenant_id_receipt_id")),
    )
    op.create_index("ix_deposits_by_customer", "deposits", ["tenant_id", "customer_id", "receipt_id"])
    op.create_index(
        "ix_deposits_by_document", "deposits", ["tenant_id", "document_id", "receipt_id"],
        postgresql_where=sa.text("document_id IS NOT NULL"),
    )  # fmt: skip
    walls.protect("deposits")


def downgrade() -> None:
    for table in SEARCHED:
        op.execute(f"DROP FUNCTION search_{table}")
        op.execute(f"DROP POLICY search ON {table}")
        op.execute(f"REVOKE ALL ON {table} FROM tracktok_search")
        op.drop_index(f"hand_{table}_words", table_name=table)
    op.drop_table("deposits")
    op.drop_table("quote_answers")
    op.drop_column("refunds", "failure")
