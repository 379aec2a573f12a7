"""Saved views say which list they are of, and can be shared with the company. Nothing has written any yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012_saved_views"
down_revision = "0011_documents"
branch_labels = None
depends_on = None

OLD_NAME = "uq_saved_views_tenant_id_person_id_page_name"


def upgrade() -> None:
    op.alter_column("saved_views", "page", new_column_name="kind")
    op.add_column("saved_views", sa.Column("is_shared", sa.Boolean(), server_default="false", nullable=False))
    op.drop_constraint(OLD_NAME, "saved_views")
    name = sa.literal_column("lower(name)")
    op.create_index(
        "uq_saved_views_own",
        "saved_views",
        ["tenant_id", "person_id", "kind", name],
        unique=True,
        postgresql_where=sa.text("NOT is_shared"),
    )
    op.create_index(
        "uq_saved_views_shared",
        "saved_views",
        ["tenant_id", "kind", name],
        unique=True,
        postgresql_where=sa.text("is_shared"),
    )


def downgrade() -> None:
    op.drop_index("uq_saved_views_shared", "saved_views")
    op.drop_index("uq_saved_views_own", "saved_views")
    op.drop_column("saved_views", "is_shared")
    op.alter_column("saved_views", "kind", new_column_name="page")
    op.create_unique_constraint(OLD_NAME, "saved_views", ["tenant_id", "person_id", "page", "name"])
