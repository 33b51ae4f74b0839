"""What OpenAPI says of a handler whose body and answer are read and written by hand: shapes, and every error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

import msgspec
from litestar import Litestar
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)

from jinpu_desk.sync.wire import JSON, MSGPACK, ErrorAnswer

OCTETS = "application/octet-stream"
_REFERENCE = "#/components/schemas/{name}"
_MEANING = {
    400: "The request is malformed.",
    401: "No valid credential came with the request.",
    403: "The credential does not allow this.",
    404: "There is no such thing.",
    409: "It cannot follow what is there now; the code says why.",
    413: "The body is too large.",
    416: "The range begins past the end.",
    422: "Something in the request is refused; code and place say what.",
    429: "Too many failures; try again later.",
    500: "A bug.",
    503: "Not available now; try again later.",
}
ALWAYS = (400, 413, 500, 503)
"""What any request may be answered with."""


def described(
    answer: type[Any] | None,
    *errors: int,
    asks: type[msgspec.Struct] | None = None,
    octets: bool = False,
    packed: bool = False,
    status: int = 200,
    open_to_all: bool = False,
) -> dict[str, Any]:
    """Return the keywords that describe a handler.

    ``answer`` is what a success carries (None: bytes, or nothing); ``errors`` are the statuses beside ALWAYS and the
    401 of a handler that is not ``open_to_all``. ``asks`` is the struct of the body, ``packed`` lets it come as
    MessagePack; ``octets`` bodies are bytes.
    """
    known = {*errors, *ALWAYS} | (set() if open_to_all else {401})
    responses: dict[int, ResponseSpec] = {
        code: ResponseSpec(ErrorAnswer, description=_MEANING[code]) for code in sorted(known)
    }
    if answer is not None:
        responses[status] = ResponseSpec(answer, description=HTTPStatus(status).phrase)
    keywords: dict[str, Any] = {"status_code": status, "responses": responses}
    if not open_to_all:
        keywords["security"] = [{"bearer": []}]
    if asks is not None or octets:
        keywords["operation_class"] = _asking(_content(asks, packed=packed))
    return keywords


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
