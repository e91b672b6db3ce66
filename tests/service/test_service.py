"""The reference service behaves as a FHIR server does, over real HTTP, and refuses what one refuses."""

import json
import sqlite3
import stat
import threading
from collections.abc import Iterator
from importlib import import_module
from itertools import count
from pathlib import Path

import fhirkit
import httpx
import pytest

from tests.sync.examples import puts
from tests.sync.servers import ask, reference_service
from vigfield.errors import Damaged
from vigfield.service import build
from vigfield.sync.plan import bundle

NUMBERS = count()
FHIR = {"Content-Type": "application/fhir+json"}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with reference_service(tmp_path_factory.mktemp("service") / "reference.db") as served:
        yield served.base


def patient(**more: object) -> dict[str, object]:
    return {"resourceType": "Patient", "id": f"p-{next(NUMBERS)}", **more}


def put(base: str, resource: dict[str, object], **headers: str) -> httpx.Response:
    address = f"{resource['resourceType']}/{resource['id']}"
    return ask(base, "PUT", address, content=json.dumps(resource), headers=FHIR | headers)


def post(base: str, *entries: object) -> httpx.Response:
    body = {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}
    return ask(base, "POST", "", json=body, headers=FHIR)


def entry(resource: dict[str, object], **request: str) -> dict[str, object]:
    address = f"{resource['resourceType']}/{resource['id']}"
    return {"resource": resource, "request": {"method": "PUT", "url": address, **request}}


def words(response: httpx.Response) -> str:
    """The diagnostics of a refusal, which must be a valid OperationOutcome."""
    body = response.json()
    assert response.headers["Content-Type"] == "application/fhir+json"
    assert fhirkit.validate(body) == []
    return str(body["issue"][0]["diagnostics"])


def test_a_put_creates_then_replaces_and_counts_versions(base: str) -> None:
    one = patient(meta={"tag": [{"code": "x"}], "versionId": "77"})
    made, again = put(base, one), put(base, one)
    assert (made.status_code, made.headers["ETag"]) == (201, 'W/"1"')
    assert (again.status_code, again.headers["ETag"]) == (200, 'W/"2"')
    read = ask(base, "GET", f"Patient/{one['id']}")
    assert read.headers["ETag"] == 'W/"2"'
    assert read.headers["Last-Modified"].endswith("GMT")
    assert read.json()["meta"]["versionId"] == "2"
    assert read.json()["meta"]["tag"] == [{"code": "x"}]
    import_module("fhir.resources.R4B.patient").Patient.model_validate(read.json())


@pytest.mark.parametrize("etag", ['W/"2"', '"2"'])
def test_an_edit_of_the_newest_version_is_taken_and_of_another_refused(base: str, etag: str) -> None:
    one = patient()
    put(base, one)
    put(base, one, **{"If-Match": 'W/"1"'})
    assert put(base, one, **{"If-Match": 'W/"1"'}).status_code == 412
    assert put(base, one, **{"If-Match": etag}).headers["ETag"] == 'W/"3"'
    assert put(base, patient(), **{"If-Match": 'W/"1"'}).status_code == 412
    assert put(base, one, **{"If-Match": "*"}).status_code == 400


def test_a_transaction_is_all_or_nothing(base: str) -> None:
    good, stale = patient(), patient()
    put(base, stale)
    assert post(base, entry(good), entry(stale, ifMatch='W/"8"')).status_code == 412
    assert ask(base, "GET", f"Patient/{good['id']}").status_code == 404
    done = post(base, entry(good), entry(stale, ifMatch='W/"1"'))
    assert done.status_code == 200
    assert fhirkit.validate(done.json()) == []
    assert [e["response"]["status"] for e in done.json()["entry"]] == ["201 Created", "200 OK"]
    assert [e["response"]["etag"] for e in done.json()["entry"]] == ['W/"1"', 'W/"2"']


def test_a_reference_must_lead_somewhere_in_the_store_or_in_the_bundle(base: str) -> None:
    infant = patient()
    caregiver = {
        "resourceType": "RelatedPerson",
        "id": f"r-{next(NUMBERS)}",
        "patient": {"reference": f"Patient/{infant['id']}"},
    }
    refused = put(base, caregiver)
    assert refused.status_code == 422
    assert "leads nowhere" in words(refused)
    assert post(base, entry(caregiver), entry(infant)).status_code == 200
    assert put(base, caregiver).status_code == 200
    for target in ("", "x", "../etc/passwd", "\ud800/\ud800", "Patient/" + "a" * 65):
        assert put(base, patient(link={"reference": target})).status_code == 422


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"a": NaN}', 400),
        (b"[" * 100_000, 400),
        (b"[]", 400),
        (b'{"resourceType": "Bundle", "type": "transaction", "entry": []}', 400),
        (b'{"resourceType": "Bundle", "type": "batch", "entry": []}', 400),
        (b'{"resourceType": "Bundle", "type": "transaction"}', 400),
        (b'{"resourceType": "Bundle", "type": "transaction", "entry": [5]}', 400),
    ],
)
def test_what_is_no_transaction_is_refused(base: str, body: bytes, status: int) -> None:
    response = ask(base, "POST", "", content=body, headers=FHIR)
    assert response.status_code == status
    assert words(response)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"request": {"method": "DELETE", "url": "Patient/x"}}, 400),
        ({"request": {"method": "POST", "url": "Patient"}}, 400),
        ({"request": {"method": "PUT", "url": "Patient"}}, 400),
        ({"request": {"method": "PUT", "url": "Patient/other"}}, 400),
        ({"request": {"method": "PUT", "url": "Patient/a/b"}}, 400),
        ({"request": {"method": "PUT", "url": "Observation/x"}}, 404),
        ({"request": {"method": "PUT", "url": "Patient/x", "ifMatch": 5}}, 400),
        ({"resource": None}, 400),
        ({"resource": {"resourceType": "Group", "id": "x"}}, 400),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(base: str, change: dict[str, object], status: int) -> None:
    response = post(base, {**entry({"resourceType": "Patient", "id": "x"}), **change})
    assert response.status_code == status
    assert words(response)


def test_more_than_fifty_entries_twice_the_same_and_missing_fields_are_refused(base: str) -> None:
    one = patient()
    assert words(post(base, *[entry(patient()) for _ in range(51)])) == "51 entries instead of 1 to 50"
    assert words(post(base, entry(one), entry(one))) == "a resource occurs twice"
    assert "content is required" in words(
        put(base, {"resourceType": "Media", "id": "m", "status": "completed"})
    )
    nested: object = {}
    for _ in range(100):
        nested = {"x": nested}
    assert words(put(base, patient(x=nested))) == "nested too deeply"


def test_other_methods_addresses_and_content_types_are_refused(base: str) -> None:
    one = patient()
    put(base, one)
    address = f"Patient/{one['id']}"
    assert ask(base, "DELETE", address).status_code == 405
    assert ask(base, "GET", "Observation/x").status_code == 404
    assert ask(base, "GET", "Observation").status_code == 404
    assert words(ask(base, "GET", "Patient/none")) == "there is no such resource"
    assert ask(base, "GET", "a/b/c/d").status_code == 404
    plain = {"Content-Type": "text/plain"}
    assert ask(base, "PUT", address, content=json.dumps(one), headers=plain).status_code == 415


def test_another_name_for_this_machine_is_refused(base: str) -> None:
    assert ask(base, "GET", "metadata", headers={"Host": "evil.example"}).status_code == 400


def test_a_search_by_time_finds_what_was_written_after_it_in_order(base: str) -> None:
    first, second, third = patient(), patient(), patient()
    since = put(base, first).json()["meta"]["lastUpdated"]
    for one in (second, third, first):
        put(base, one)

    def found(*parameters: tuple[str, str]) -> list[str]:
        page = ask(base, "GET", "Patient", params=parameters).json()
        assert fhirkit.validate(page) == []
        return [e["resource"]["id"] for e in page.get("entry", [])]

    after = ("_lastUpdated", f"gt{since}")
    assert found(after) == [second["id"], third["id"], first["id"]]
    assert found(after, ("_sort", "-_lastUpdated")) == [first["id"], third["id"], second["id"]]
    assert found(after, ("_count", "1")) == [second["id"]]
    assert found(("_lastUpdated", "gt2999-01-01T00:00:00+00:00")) == []
    assert found(after, ("_lastUpdated", f"le{since}")) == []
    assert ask(base, "GET", "Patient", params=(after, ("_count", "1"))).json()["total"] == 3


def test_pulling_from_the_watermark_sees_everything_while_it_changes(base: str) -> None:
    written = [patient() for _ in range(9)]
    watermark = put(base, patient()).json()["meta"]["lastUpdated"]
    for one in written:
        put(base, one)
    seen: list[str] = []
    while True:
        page = ask(base, "GET", "Patient", params={"_lastUpdated": f"gt{watermark}", "_count": "4"}).json()
        if "entry" not in page:
            break
        seen += [e["resource"]["id"] for e in page["entry"]]
        watermark = page["entry"][-1]["resource"]["meta"]["lastUpdated"]
        if len(seen) == 4:
            put(base, written[0])
    assert set(seen) == {one["id"] for one in written}
    assert seen[-1] == written[0]["id"]


@pytest.mark.parametrize(
    "query",
    [
        "name=x",
        "_count=many",
        "_count=-1",
        "_sort=name",
        "_lastUpdated=2026-01-01T00:00:00Z",
        "_lastUpdated=gt2026",
        "_lastUpdated=gt2026-01-01T00:00:00+00:00",
        "_lastUpdated=gt2026-01-01T00:00:00",
    ],
)
def test_a_search_that_is_not_understood_is_refused(base: str, query: str) -> None:
    response = ask(base, "GET", f"Patient?{query}")
    assert response.status_code == 400
    assert words(response)


def test_the_capability_statement_is_valid_and_true(base: str) -> None:
    told = ask(base, "GET", "metadata").json()
    import_module("fhir.resources.R4B.capabilitystatement").CapabilityStatement.model_validate(told)
    assert fhirkit.validate(told) == []
    (rest,) = told["rest"]
    assert {resource["type"] for resource in rest["resource"]} == {
        str(one.resource["resourceType"]) for one in puts()
    } | {"Binary", "Location"}
    assert all(resource["updateCreate"] for resource in rest["resource"])
    assert "demonstration and tests only" in told["software"]["name"]


def test_a_body_over_the_limit_is_refused_and_the_refusal_arrives(base: str) -> None:
    response = put(base, patient(x="y" * 6_000_000))
    assert response.status_code == 413
    assert words(response)


def test_writers_at_once_lose_nothing(base: str) -> None:
    one = patient()
    threads = [threading.Thread(target=put, args=(base, one)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ask(base, "GET", f"Patient/{one['id']}").headers["ETag"] == 'W/"8"'


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "reference.db"
    with reference_service(file) as served:
        made = bundle(served.base, tuple(puts()))
        assert ask(served.base, "POST", "", content=made, headers=FHIR).status_code == 200
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with reference_service(file) as served:
        for one in puts():
            assert ask(served.base, "GET", one.address).json()["meta"]["versionId"] == "1"


def test_only_the_newest_version_and_no_request_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "reference.db"
    with reference_service(file) as served:
        for number in range(3):
            put(served.base, {"resourceType": "Patient", "id": "one", "gender": f"{number}"})
    db = sqlite3.connect(file)
    assert db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall() == [("resource",)]
    assert db.execute("SELECT count(*), max(version) FROM resource").fetchone() == (1, 3)
    db.close()


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database " * 100)
    with pytest.raises(Damaged):
        build(file)
    assert file.read_text() == "not a database " * 100
