"""Keep secrets out of messages: what was asked and what came back, fit for logs and pages."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx

HIDDEN = "***"
SECRET_NAMES = frozenset(
    {"apikey", "api_key", "key", "token", "access_token", "refresh_token", "mam_id", "password"}
    | {"passwd", "secret", "sid", "passkey", "torrent_pass", "authkey", "link", "dl"}
)
_SECRET_HEADERS = frozenset({"authorization", "x-api-key", "cookie", "proxy-authorization"})
_SHORTEST_SECRET = 4  # a shorter one would black out half of every message
_SHOWN = 60  # characters of one parameter
_ASSIGNED = re.compile(
    r"((?:api_?key|token|passkey|torrent_pass|authkey|mam_id|password)[\"']?\s*[=:]\s*[\"']?)"
    r"[^\s\"'&;<>,]+",
    re.IGNORECASE,
)
_TAGS = re.compile(r"<(script|style)\b.*?(</\1\s*>|$)|<[^>]*(>|$)", re.IGNORECASE | re.DOTALL)
_EXCERPT = 200


class Redaction:
    """The secrets of one request, which no message about it may show."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *sent: Any,
        headers: Mapping[str, str] | None = None,
        url: str = "",
    ) -> None:
        found = [client.base_url.password, *(cookie.value for cookie in client.cookies.jar)]
        for fields in (*sent, dict(parse_qsl(urlsplit(url).query))):
            if isinstance(fields, Mapping):
                found += [str(v) for k, v in fields.items() if str(k).lower() in SECRET_NAMES]
        for name, value in [*client.headers.items(), *(headers or {}).items()]:
            if name.lower() in _SECRET_HEADERS:
                found += [value, value.rpartition(" ")[2], value.partition("=")[2]]
        plain = {secret for secret in found if secret and len(secret) >= _SHORTEST_SECRET}
        self._secrets = sorted(plain | {quote(s, safe="") for s in plain}, key=len, reverse=True)

    def clean(self, text: str) -> str:
        """Return *text* without the secrets, and without what is called one in it."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return _ASSIGNED.sub(rf"\g<1>{HIDDEN}", text)

    def path(self, path: str, params: Mapping[str, Any] | None = None) -> str:
        """Return path and query as they may be shown; long values are cut."""
        split = urlsplit(path)
        pairs = [*parse_qsl(split.query), *(params or {}).items()]
        shown = [
            f"{k}={HIDDEN if str(k).lower() in SECRET_NAMES else str(v)[:_SHOWN]}" for k, v in pairs
        ]
        return self.clean(f"/{split.path.lstrip('/')}" + ("?" + "&".join(shown) if shown else ""))


def excerpt(body: bytes) -> str:
    """Return the first words of an answer: no tags, no control characters, one line."""
    text = _TAGS.sub(" ", body[:4000].decode("utf-8", "replace"))
    printable = "".join(c if c.isprintable() else " " for c in text)
    return _ASSIGNED.sub(rf"\g<1>{HIDDEN}", " ".join(printable.split()))[:_EXCERPT]
