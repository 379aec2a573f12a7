"""Where files live: a local folder or S3, behind four functions. Keys always begin with the tenant (wall 4)."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from flask import current_app

from .errors import NotFound, Unavailable
from .tenancy import current_tenant_id

CHUNK = 256 * 1024


class StorageFull(Unavailable):
    code, title = "storage_full", "There is no room to keep this file; nothing was saved"


class Storage(Protocol):
    """A place for files, by key."""

    def put(self, key: str, stream: IO[bytes], content_type: str) -> int:
        """Keep what the stream holds under the key, whole or not at all; returns its size in bytes."""

    def open(self, key: str) -> IO[bytes]:
        """A stream of what is kept; raises NotFound."""

    def delete(self, key: str) -> None:
        """Forget the key; silent when it is not there."""


class LocalStorage:
    """Files in a folder. A file appears under its name only when it is whole and on the disk."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, key: str) -> Path:
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise NotFound
        return path

    def put(self, key: str, stream: IO[bytes], content_type: str) -> int:  # noqa: ARG002 - kept with the row
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        except OSError as error:
            raise StorageFull from error
        try:
            with os.fdopen(descriptor, "wb") as file:
                shutil.copyfileobj(stream, file, CHUNK)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except OSError as error:
            Path(temporary).unlink(missing_ok=True)
            raise StorageFull from error
        return path.stat().st_size

    def open(self, key: str) -> IO[bytes]:
        try:
            return self._path(key).open("rb")
        except FileNotFoundError as error:
            raise NotFound from error

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)


class S3Storage:
    """Objects in an S3 bucket (or a server that speaks its protocol)."""

    def __init__(self, bucket: str, prefix: str, endpoint: str | None, region: str) -> None:
        import boto3  # noqa: PLC0415 - slow to import, and needed only where S3 is used

        self.bucket, self.prefix = bucket, prefix.strip("/")
        self.client: Any = boto3.client("s3", endpoint_url=endpoint, region_name=region)

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key

    def put(self, key: str, stream: IO[bytes], content_type: str) -> int:
        self.client.upload_fileobj(stream, self.bucket, self._key(key), ExtraArgs={"ContentType": content_type})
        return int(self.client.head_object(Bucket=self.bucket, Key=self._key(key))["ContentLength"])

    def open(self, key: str) -> IO[bytes]:
        from botocore.exceptions import ClientError  # noqa: PLC0415

        try:
            body: IO[bytes] = self.client.get_object(Bucket=self.bucket, Key=self._key(key))["Body"]
        except ClientError as error:
            raise NotFound from error
        return body

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=self._key(key))


@lru_cache(maxsize=4)
def _storage_at(url: str) -> Storage:
    parts = urlsplit(url)
    if parts.scheme == "file":
        return LocalStorage(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        return S3Storage(parts.netloc, parts.path, options.get("endpoint"), options.get("region", "us-east-1"))
    raise ValueError(f"STORAGE_URL begins with {parts.scheme!r}: use file:///... or s3://...")


def storage() -> Storage:
    """The storage that the settings name."""
    return _storage_at(current_app.config["STORAGE"])


def file_key(*parts: object) -> str:
    """A key that begins with the tenant: `tenants/<id>/receipts/<id>`."""
    return "/".join(("tenants", str(current_tenant_id()), *map(str, parts)))


def read_chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """The stream in pieces, closed at the end."""
    try:
        while chunk := stream.read(CHUNK):
            yield chunk
    finally:
        stream.close()
