"""The reference service's HTTP face: transactions, PUT with If-Match, reads, and search by time."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import format_datetime
from pathlib import Path
from typing import Never, cast

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vigfield.service import checks, searching
from vigfield.service.capability import statement
from vigfield.service.checks import Refused
from vigfield.service.records import Page, Record, Records, instant

MOST_BYTES = 5_000_000

_JSON = ("application/fhir+json", "application/json")
_ISSUES = {404: "not-found", 405: "not-supported", 409: "conflict", 412: "conflict", 413: "too-long"}


def build(db_path: Path, most_bytes: int = MOST_BYTES) -> Starlette:
    """The service on the SQLite file at `db_path`, which is made if it is missing.

    Requests of more than `most_bytes` are refused. errors.Damaged if the file is no database.
    """
    records = Records(db_path)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with records:
            yield

    service = Starlette(
        routes=[
            Route("/fhir/metadata", _metadata, methods=["GET"]),
            Route("/fhir", _transaction, methods=["POST"]),
            Route("/fhir/{kind}", _search, methods=["GET"]),
            Route("/fhir/{kind}/{id}", _read, methods=["GET"]),
            Route("/fhir/{kind}/{id}", _put, methods=["PUT"]),
        ],
        # A page of another origin could reach a loopback port under a name of its own.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1"], www_redirect=False)],
        exception_handlers={Refused: _refused, HTTPException: _http_error, Exception: _broke},
        lifespan=lifespan,
    )
    service.router.redirect_slashes = False
    service.state.records = records
    service.state.most_bytes = most_bytes
    return service


async def _metadata(request: Request) -> Response:
    return _fhir(statement(_base(request)))


async def _transaction(request: Request) -> Response:
    writes = checks.transaction(await _body(request))
    written = await run_in_threadpool(_records(request).write, writes)
    entries = [{"response": _response(record)} for record in written]
    return _fhir({"resourceType": "Bundle", "type": "transaction-response", "entry": entries})


async def _put(request: Request) -> Response:
    where = request.path_params
    one = checks.write(where["kind"], where["id"], await _body(request), request.headers.get("If-Match"))
    (record,) = await run_in_threadpool(_records(request).write, [one])
    return _one(record, 201 if record.version == 1 else 200)


async def _read(request: Request) -> Response:
    kind, id_ = checks.known_kind(request.path_params["kind"]), request.path_params["id"]
    record = await run_in_threadpool(_records(request).read, kind, id_)
    if record is None:
        raise Refused(404, "there is no such resource")
    return _one(record, 200)


async def _search(request: Request) -> Response:
    kind = checks.known_kind(request.path_params["kind"])
    query = searching.query(kind, request.query_params.multi_items())
    page = await run_in_threadpool(_records(request).search, query)
    return _fhir(_searchset(page, request))


def _searchset(page: Page, request: Request) -> dict[str, object]:
    entries = [_match(record, _base(request)) for record in page.records]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": page.total,
        "link": [{"relation": "self", "url": str(request.url)}],
        **({"entry": entries} if entries else {}),  # FHIR has no empty arrays
    }


def _match(record: Record, base: str) -> dict[str, object]:
    full_url = f"{base}/{record.kind}/{record.id}"
    return {"fullUrl": full_url, "resource": record.resource, "search": {"mode": "match"}}


def _response(record: Record) -> dict[str, object]:
    return {
        "status": "201 Created" if record.version == 1 else "200 OK",
        "location": f"{record.kind}/{record.id}/_history/{record.version}",
        "etag": record.etag,
        "lastModified": instant(record.moment),
    }


def _one(record: Record, status: int) -> Response:
    modified = format_datetime(record.moment, usegmt=True)
    return _fhir(record.resource, status, {"ETag": record.etag, "Last-Modified": modified})


async def _body(request: Request) -> object:
    if request.headers.get("Content-Type", "").partition(";")[0].strip() not in _JSON:
        raise Refused(415, "application/fhir+json is expected")
    try:
        return cast(object, json.loads(await _limited(request), parse_constant=_no_number))
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON") from None


def _no_number(text: str) -> Never:
    raise ValueError(text)


async def _limited(request: Request) -> bytes:
    """The body. One too large is read to its end all the same, or the refusal would be lost on the way."""
    body, length = bytearray(), 0
    async for piece in request.stream():
        length += len(piece)
        if length <= request.app.state.most_bytes:
            body += piece
    if length > request.app.state.most_bytes:
        raise Refused(413, f"more than {request.app.state.most_bytes} bytes")
    return bytes(body)


def _records(request: Request) -> Records:
    return cast(Records, request.app.state.records)


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/") + "/fhir"


def _fhir(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(body), status, headers, media_type="application/fhir+json")


def _outcome(status: int, words: str) -> Response:
    code = _ISSUES.get(status, "exception" if status >= 500 else "invalid")
    issue = {"severity": "error", "code": code, "diagnostics": words}
    return _fhir({"resourceType": "OperationOutcome", "issue": [issue]}, status)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return _outcome(error.status, error.words)


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _outcome(error.status_code, error.detail)


async def _broke(_: Request, __: Exception) -> Response:
    return _outcome(500, "the reference service failed")
