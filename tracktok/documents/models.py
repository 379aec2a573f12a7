"""Tables of uploaded files. The bytes are in the storage; what is known of them is here."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary, Uuid, func
from sqlalchemy.orm import Mapped, mapped_column

from tracktok.core.db import Base
from tracktok.core.tenancy import TenantScoped


class StoredFile(TenantScoped, Base):
    """A file as it was received. `content_type` is what the bytes are, not what the name says."""

    __tablename__ = "files"
    __audited__ = True

    storage_key: Mapped[str]
    thumbnail_key: Mapped[str] = mapped_column(default="", server_default="")
    filename: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    uploaded_by: Mapped[UUID | None] = mapped_column(Uuid())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index("ix_files_tenant_id_sha256", "tenant_id", "sha256"),)
