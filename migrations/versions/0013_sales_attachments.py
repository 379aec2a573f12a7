"""Files put on sales documents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations import walls

revision = "0013_sales_attachments"
down_revision = "0012_saved_views"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sales_attachments",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["sales_documents.tenant_id", "sales_documents.id"],
            name=op.f("fk_sales_attachments_tenant_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_id"],
            ["files.tenant_id", "files.id"],
            name=op.f("fk_sales_attachments_tenant_id_file_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_sales_attachments")),
        sa.UniqueConstraint(
            "tenant_id", "document_id", "file_id", name=op.f("uq_sales_attachments_tenant_id_document_id_file_id")
        ),
    )
    op.create_index("ix_sales_attachments_tenant_id_file_id", "sales_attachments", ["tenant_id", "file_id"])
    walls.protect("sales_attachments")


def downgrade() -> None:
    op.drop_table("sales_attachments")
