"""What OpenAPI says of a handler whose body and answer are read and written by hand: shapes, and every error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

import msgspec
from litestar import Litestar
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)

from jinpu_desk.sync.wire import API, JSON, MSGPACK, ErrorAnswer

from .problems import codes_of

OCTETS = "application/octet-stream"
_REFERENCE = "#/components/schemas/{name}"
_MEANING = {
    400: "The request is malformed.",
    401: "No valid credential came with the request.",
    403: "The credential does not allow this.",
    404: "There is no such thing.",
    408: "The body came too slowly.",
    409: "It cannot follow what is there now; the code says why.",
    413: "The body is too large.",
    416: "The range begins past the end.",
    422: "Something in the request is refused; code and place say what.",
    429: "Too many requests, or too many failures; Retry-After says in seconds when to try again.",
    431: "There are too many headers, or they are too long.",
    500: "A bug.",
    503: "Not available now; try again later.",
}
ALWAYS = (400, 408, 413, 429, 431, 500, 503)
"""What any request may be answered with; an unknown path is 404, and a known one with another method 405."""
_RANGED = 416
FORM = "application/x-www-form-urlencoded"
HTML = "text/html"


def described(
    answer: type[Any] | None,
    *errors: int,
    asks: type[msgspec.Struct] | None = None,
    octets: bool = False,
    packed: bool = False,
    status: int = 200,
    open_to_all: bool = False,
    gives: str = OCTETS,
) -> dict[str, Any]:
    """Return the keywords that describe a handler.

    ``answer`` is what a success carries (None: bytes of the media type ``gives``); ``errors`` are the statuses beside
    ALWAYS and the 401 of a handler that is not ``open_to_all``. ``asks`` is the struct of the body, ``packed`` lets it
    come as MessagePack; ``octets`` bodies are bytes.
    """
    known = {*errors, *ALWAYS} | (set() if open_to_all else {401})
    responses: dict[int, ResponseSpec] = {
        code: ResponseSpec(ErrorAnswer, description=_meaning(code)) for code in sorted(known)
    }
    for success in {status, HTTPStatus.PARTIAL_CONTENT} if _RANGED in known else {status}:
        phrase = HTTPStatus(success).phrase
        told = ResponseSpec(bytes, description=phrase, media_type=gives, generate_examples=False)
        responses[success] = told if answer is None else ResponseSpec(answer, description=phrase)
    keywords: dict[str, Any] = {"status_code": status, "responses": responses}
    if not open_to_all:
        keywords["security"] = [{"bearer": []}]
    if asks is not None or octets:
        keywords["operation_class"] = _asking(_content(asks, packed=packed))
    return keywords


def described_page(*, posted: bool) -> dict[str, Any]:
    """Return the keywords that describe a handler of the public page; a ``posted`` one checks the code of its form."""
    known = (*ALWAYS, 404) if posted else ALWAYS
    pages = (200, 404, 429) if posted else (200, 429)
    responses = {code: ResponseSpec(ErrorAnswer, description=_meaning(code)) for code in known}
    for status in pages:
        meaning = _MEANING.get(status, HTTPStatus(status).phrase)
        responses[status] = ResponseSpec(str, description=meaning, media_type=HTML, generate_examples=False)
    keywords: dict[str, Any] = {"status_code": 200, "responses": responses}
    if posted:
        code = Schema(type=OpenAPIType.STRING, pattern="^[0-9]{6}$")
        form = Schema(type=OpenAPIType.OBJECT, properties={"code": code}, required=["code"])
        keywords["operation_class"] = _asking({FORM: OpenAPIMediaType(schema=form)})
    return keywords


def _meaning(status: int) -> str:
    """Return what a status means, and the codes that go with it wherever they are raised."""
    codes = ", ".join(f"`{code}`" for code in codes_of(status))
    return f"{_MEANING[status]} Codes: {codes}." if codes else _MEANING[status]


def _content(asks: type[msgspec.Struct] | None, *, packed: bool) -> Mapping[str, OpenAPIMediaType]:
    if asks is None:
        return {OCTETS: OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, content_media_type=OCTETS))}
    shape = OpenAPIMediaType(schema=Reference(ref=_REFERENCE.format(name=asks.__name__)))
    return {JSON: shape, MSGPACK: shape} if packed else {JSON: shape}


def _asking(content: Mapping[str, OpenAPIMediaType]) -> type[Operation]:
    @dataclass
    class Asking(Operation):
        """An operation with a body that the framework does not read."""

        def __post_init__(self) -> None:
            self.request_body = RequestBody(required=True, content=dict(content))

    return Asking


def describe_bodies(application: Litestar, asked: Iterable[type[msgspec.Struct]]) -> None:
    """Add the shapes of the bodies that handlers ask for to the description, and how a caller shows who it is."""
    _schemas, shapes = msgspec.json.schema_components(tuple(asked), ref_template=_REFERENCE)
    # The framework keeps only the shapes it made itself, so ours come when it has made them. It writes plain objects
    # as they are.
    held = application.openapi_schema.components
    held.schemas = cast(dict[str, Schema], shapes) | held.schemas
    held.security_schemes = {"bearer": SecurityScheme(type="http", scheme="bearer")}
    for path, item in (application.openapi_schema.paths or {}).items():
        for operation in (item.get, item.post, item.patch):
            if operation is not None and path.startswith(API):
                _offer_packed(operation)
        if item.head is not None:
            for response in _responses(item.head):
                response.content = None


def _offer_packed(operation: Operation) -> None:
    """Say that what is answered in JSON can be had as MessagePack, too; errors are always JSON."""
    for response in _responses(operation, below=300):
        content = response.content or {}
        if JSON in content and isinstance(content[JSON].schema, Reference):
            response.content = content | {MSGPACK: content[JSON]}


def _responses(operation: Operation, below: int = 600) -> Iterator[OpenAPIResponse]:
    for status, response in (operation.responses or {}).items():
        if int(status) < below and isinstance(response, OpenAPIResponse):
            yield response
