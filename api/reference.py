"""The calls on a page for people: plain HTML, one style sheet inside, nothing from elsewhere."""

import base64
import hashlib
import json
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; --line: #8885; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; text-transform: capitalize; }
code, pre { font: 0.9em ui-monospace, monospace; }
pre { background: var(--soft); overflow: auto; padding: 0.8rem; border-radius: 0.4rem; }
details { border: 1px solid var(--line); border-radius: 0.4rem; margin: 0.4rem 0;
  padding: 0.5rem 0.8rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
summary b { display: inline-block; min-width: 4.2rem; }
table { border-collapse: collapse; display: block; overflow: auto; }
td, th { border-bottom: 1px solid var(--line); padding: 0.25rem 0.8rem 0.25rem 0;
  text-align: left; vertical-align: top; }
"""


def page(document: dict[str, Any]) -> tuple[str, str]:
    """Return the page, and the Content-Security-Policy that lets its own style through."""
    info = document["info"]
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        '<meta name=viewport content="width=device-width, initial-scale=1">',
        f"<title>{escape(info['title'])} API</title><style>{_STYLE}</style>",
        f"<h1>{escape(info['title'])} API <small>{escape(info['version'])}</small></h1>",
        *(f"<p>{_text(piece)}</p>" for piece in info["description"].split("\n\n")),
        "<p>For programs: <a href=/api/openapi.json>openapi.json</a> (OpenAPI 3.1).</p>",
    ]
    for tag in document["tags"]:
        parts.append(f"<h2>{escape(tag['name'])}</h2>")
        parts += [
            _operation(method, path, operation)
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
            if tag["name"] in operation["tags"]
        ]
    parts.append("<h2>Models</h2>")
    parts += [_model(name, schema) for name, schema in document["components"]["schemas"].items()]
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'"
    )
    return "".join(parts), policy


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    rows = "".join(_parameter(each) for each in operation["parameters"])
    table = f"<table><tr><th>parameter<th>in<th>is<th>meaning{rows}</table>" if rows else ""
    body = operation.get("requestBody")
    sent = f"<p>Body: {_schema(body['content']['application/json']['schema'])}</p>" if body else ""
    answers = "".join(_answer(*each) for each in operation["responses"].items())
    return (
        f"<details id={escape(operation['operationId'])}><summary><b>{method.upper()}</b>"
        f"<code>{escape(path)}</code> — {escape(operation['summary'])}</summary>"
        f"<p>{_text(operation['description'])}</p>{table}{sent}<table>{answers}</table></details>"
    )


def _parameter(parameter: dict[str, Any]) -> str:
    schema = parameter["schema"]
    need = ", required" if parameter["required"] else ""
    about = escape(parameter.get("description", ""))
    return (
        f"<tr><td><code>{escape(parameter['name'])}</code><td>{parameter['in']}{need}"
        f"<td>{_kind(schema)}<td>{about}"
    )


def _kind(schema: dict[str, Any]) -> str:
    choices = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    kind = " or ".join(map(str, choices)) or str(schema.get("type", "any"))
    least, most = schema.get("minimum"), schema.get("maximum")
    limits = f", {least} to {most}" if least is not None and most is not None else ""
    default = f", else {schema['default']}" if "default" in schema else ""
    return escape(f"{kind}{limits}{default}")


def _answer(status: str, answer: dict[str, Any]) -> str:
    content = next(iter(answer.get("content", {}).items()), None)
    model = f"{escape(content[0])} {_schema(content[1]['schema'])}" if content else ""
    return f"<tr><td><b>{status}</b><td>{escape(answer['description'])}<td>{model}"


def _schema(schema: dict[str, Any]) -> str:
    name = schema.get("$ref", "").rpartition("/")[2]
    return f"<a href='#model-{escape(name)}'>{escape(name)}</a>" if name else _kind(schema)


def _model(name: str, schema: dict[str, Any]) -> str:
    text = escape(json.dumps(schema, indent=2, ensure_ascii=False))
    return (
        f"<details id='model-{escape(name)}'><summary><code>{escape(name)}</code></summary>"
        f"<pre>{text}</pre></details>"
    )


def _text(text: str) -> str:
    """Return Markdown's backquotes as code, everything else as it is."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{p}</code>" if n % 2 else p for n, p in enumerate(pieces))
