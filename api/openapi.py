"""The OpenAPI 3.1 document, made from the table of calls and their models."""

import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from api.contract import LARGEST_ID, Call, Problem
from api.errors import MEDIA, title
from api.triggers import startable
from pipeline.workflows import Workflow

REFERENCE = "#/components/schemas/{model}"
_PARAMETER = re.compile(r"{(\w+)(?::(\w+))?}")
_ABOUT = """\
Bookrunner finds the books that a self-hosted audiobook library lacks, fetches them, files them in.

Every call under `/api` is also reached under `/api/v1`. A key goes as `X-Api-Key`, as
`Authorization: Bearer` or as `?apikey=`. Its scope is `read`, `trigger` (which reads, too) or
`admin` (which may all). Lists answer `page`, `pageSize`, `totalRecords` and `records`; what was
read carries an `ETag`. A refusal is a problem document (RFC 9457). Moments are in UTC.
"""
_SECURITY = {
    "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "query": {"type": "apiKey", "in": "query", "name": "apikey"},
}


def document(calls: Sequence[Call], workflows: Mapping[str, Workflow]) -> dict[str, Any]:
    """Return the document of *calls*."""
    keys, schemas = _schemas(calls)
    paths: dict[str, dict[str, Any]] = {}
    for call in calls:
        operation = _operation(call, keys, schemas, workflows)
        path = _PARAMETER.sub(r"{\1}", call.paths[0])
        paths.setdefault(path, {})[call.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Bookrunner", "version": version("bookrunner"), "description": _ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(call.tag for call in calls)],
        "paths": paths,
        "components": {"schemas": dict(sorted(schemas.items())), "securitySchemes": _SECURITY},
    }


def _schemas(calls: Sequence[Call]) -> tuple[dict[Any, Any], dict[str, Any]]:
    wanted: set[tuple[type[BaseModel], JsonSchemaMode]] = {(Problem, "serialization")}
    for call in calls:
        if call.body is not None:
            wanted.add((call.body, "validation"))
        if call.answer is not None:
            wanted.add((call.answer, "serialization"))
    keys, found = models_json_schema(
        sorted(wanted, key=lambda pair: (pair[0].__name__, pair[1])), ref_template=REFERENCE
    )
    return keys, dict(found.get("$defs", {}))


def _operation(
    call: Call,
    keys: dict[Any, Any],
    schemas: dict[str, Any],
    workflows: Mapping[str, Workflow],
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": call.name,
        "summary": call.about,
        "description": call.handler.__doc__ or "",
        "tags": [call.tag],
        "parameters": [*_path_parameters(call, workflows), *_query_parameters(call, schemas)],
        "responses": _responses(call, keys),
    }
    if call.body is not None:
        content = {"application/json": {"schema": keys[call.body, "validation"]}}
        found["requestBody"] = {"required": True, "content": content}
    if call.scope is not None:
        found["description"] += f" Needs scope `{call.scope}`."
        found["security"] = [{name: []} for name in _SECURITY]
    return found


def _path_parameters(call: Call, workflows: Mapping[str, Workflow]) -> list[dict[str, Any]]:
    kinds: dict[str, dict[str, Any]] = {
        "id": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
        "workflow": {"type": "string", "enum": startable(workflows)},
        "key": {"type": "string", "pattern": "^[0-9A-Za-z]{8}$"},
    }
    return [
        {"name": name, "in": "path", "required": True, "schema": kinds[name]}
        for name, _ in _PARAMETER.findall(call.path)
    ]


def _query_parameters(call: Call, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    if call.query is None:
        return []
    model = call.query.model_json_schema(ref_template=REFERENCE)
    schemas.update(model.pop("$defs", {}))
    found = []
    for name, schema in model["properties"].items():
        plain = _without_null(schema)
        parameter = {"name": name, "in": "query", "required": name in model.get("required", [])}
        if about := plain.pop("description", None):
            parameter["description"] = about
        found.append({**parameter, "schema": plain})
    return found


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter that may be left out: in a query nothing is null."""
    plain = {name: value for name, value in schema.items() if name != "title"}
    choices = [each for each in plain.pop("anyOf", []) if each.get("type") != "null"]
    if choices:
        plain |= choices[0]
        if plain.get("default", 0) is None:
            del plain["default"]
    return plain


def _responses(call: Call, keys: dict[Any, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": call.about}
    if call.answer is not None:
        good["content"] = {call.media: {"schema": keys[call.answer, "serialization"]}}
    elif call.status != 204:  # noqa: PLR2004  # No Content
        good["content"] = {call.media: {"schema": {"type": "string"}}}
    if call.status == 202:  # noqa: PLR2004  # Accepted
        good["headers"] = {"Location": {"schema": {"type": "string"}}}
    found = {str(call.status): good}
    if call.method == "GET" and call.media == "application/json":
        good["headers"] = {"ETag": {"schema": {"type": "string"}}}
        found["304"] = {"description": "Unchanged since the ETag that If-None-Match names"}
    refusal = {MEDIA: {"schema": keys[Problem, "serialization"]}}
    for status in call.refusals:
        found[str(status)] = {"description": title(status), "content": refusal}
    return found
