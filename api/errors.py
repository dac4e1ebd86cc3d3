"""Refusals as problem documents (RFC 9457): what is wrong, where, and never what was sent."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Literal

from pydantic import ValidationError
from pydantic.alias_generators import to_camel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.contract import Fault, Problem
from pipeline.errors import BadInput, BookrunnerError, NotConfigured, NotNow, Transient

MEDIA = "application/problem+json"
TITLES = {
    400: "This is no JSON",
    401: "A valid key is needed",
    403: "Not allowed",
    404: "There is no such thing here",
    405: "Not this method",
    409: "Not in this state",
    413: "Too large",
    415: "Not this media type",
    421: "Not under this name",
    422: "Something in the request makes no sense",
    429: "Too many failed attempts",
    500: "A mistake of ours",
    503: "Out of reach for the moment",
}


class Refused(Exception):  # noqa: N818  # a refusal, not an error
    """A call ends with this problem."""

    def __init__(
        self,
        status: int,
        detail: str | None = None,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or title(status))
        self.status, self.detail = status, detail
        self.errors, self.headers = list(errors), headers


def title(status: int) -> str:
    """Return the title of a status, the same every time."""
    return TITLES.get(status) or HTTPStatus(status).phrase


def problem(
    status: int,
    detail: str | None = None,
    errors: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem document."""
    name = HTTPStatus(status).phrase.lower().replace(" ", "-")
    content = Problem(
        type=f"urn:bookrunner:problem:{name}",
        title=title(status),
        status=status,
        detail=detail,
        errors=list(errors) or None,
    )
    own = {"Cache-Control": "no-store", **(headers or {})}
    return Response(content.model_dump_json(exclude_none=True), status, own, MEDIA)


def refuse(refused: Refused) -> Response:
    """Return the problem document of a refusal."""
    return problem(refused.status, refused.detail, refused.errors, refused.headers)


def faults(error: ValidationError, place: Literal["query", "body"]) -> list[Fault]:
    """Return which fields are at fault; pydantic's words name what is expected, never the input."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return [
        Fault(
            field=".".join(_part(piece, each["type"]) for piece in each["loc"]) or place,
            place=place,
            message=_sentence(each["type"], each["msg"]),
        )
        for each in found[:20]
    ]


def _part(piece: int | str, kind: str) -> str:
    """Return a piece of a field's name: as it is known here, or in our names' case."""
    name = str(piece)
    return (to_camel(name) if kind == "extra_forbidden" else name)[:100]


def _sentence(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "Nothing of this name is known here"
    if kind == "json_invalid":
        return "This is no JSON"
    return message


def translated(error: BookrunnerError) -> Response:
    """Return the problem document of an error of ours; its text holds no secret."""
    if isinstance(error, BadInput):
        return problem(422, str(error))
    if isinstance(error, NotConfigured):
        return problem(409, str(error))
    if isinstance(error, NotNow | Transient):
        return problem(503, str(error), headers={"Retry-After": "30"})
    return problem(500)


async def on_http_error(_: Request, error: Exception) -> Response:
    """Answer what Starlette itself refuses: unknown paths, wrong methods."""
    if not isinstance(error, HTTPException):
        raise error
    return problem(error.status_code, headers=error.headers)
