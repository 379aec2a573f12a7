"""Files: whole or not at all, under the tenant's own keys, in a folder and in S3."""

from __future__ import annotations

import io
import os
from pathlib import Path
from unittest.mock import patch

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.factories.tenants import Company
from tracktok.core.errors import NotFound
from tracktok.core.storage import LocalStorage, S3Storage, StorageFull, file_key
from tracktok.core.tenancy import NoTenant, tenant_scope


@pytest.fixture(scope="module")
def s3_endpoint():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    with patch.dict(os.environ, keys):
        yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["local", "s3"])
def place(request, tmp_path):
    if request.param == "local":
        return LocalStorage(tmp_path)
    endpoint = request.getfixturevalue("s3_endpoint")
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1").create_bucket(Bucket="files")
    return S3Storage("files", "prefix", endpoint, "us-east-1")


def test_what_is_kept_comes_back_and_goes_when_deleted(place):
    assert place.put("tenants/a/one", io.BytesIO(b"hello"), "text/plain") == 5
    with place.open("tenants/a/one") as kept:
        assert kept.read() == b"hello"
    place.delete("tenants/a/one")
    place.delete("tenants/a/one")
    with pytest.raises(NotFound):
        place.open("tenants/a/one")


def test_a_full_disk_leaves_nothing_half_written(tmp_path):
    class Full(io.BytesIO):
        def read(self, *_args):
            raise OSError(28, "No space left on device")

    with pytest.raises(StorageFull) as refused:
        LocalStorage(tmp_path).put("tenants/a/one", Full(b"x"), "text/plain")
    assert refused.value.status == 503
    assert [path for path in Path(tmp_path).rglob("*") if path.is_file()] == []


def test_a_key_cannot_climb_out_of_the_folder(tmp_path):
    (tmp_path / "secret").write_text("x")
    with pytest.raises(NotFound):
        LocalStorage(tmp_path / "files").open("../secret")


def test_keys_begin_with_the_tenant(company: Company):
    with tenant_scope(company.id):
        assert file_key("receipts", 7) == f"tenants/{company.id}/receipts/7"
    with pytest.raises(NoTenant):
        file_key("receipts", 7)
