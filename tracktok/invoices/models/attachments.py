"""Files put on sales documents."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, Uuid, func
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base, tenant_fk
from tracktok.core.tenancy import TenantScoped


class SalesAttachment(TenantScoped, Base):
    """A file beside a document: an order, a proof of delivery, a log sheet."""

    __tablename__ = "sales_attachments"
    __audited__ = True

    document_id: Mapped[UUID] = mapped_column(Uuid())
    file_id: Mapped[UUID] = mapped_column(Uuid())
    added_by: Mapped[UUID | None] = mapped_column(Uuid())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        tenant_fk("document_id", "sales_documents"),
        tenant_fk("file_id", "files"),
        UniqueConstraint("tenant_id", "document_id", "file_id"),
        Index("ix_sales_attachments_tenant_id_file_id", "tenant_id", "file_id"),
    )
