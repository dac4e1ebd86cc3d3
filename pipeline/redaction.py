"""Keep secrets out of every text that anybody may read: messages, logs, pages."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

if TYPE_CHECKING:  # a log line needs no HTTP client
    import httpx

HIDDEN = "***"
SECRET_NAMES = frozenset(
    {"apikey", "api_key", "key", "token", "access_token", "refresh_token", "mam_id", "password"}
    | {"passwd", "secret", "sid", "passkey", "torrent_pass", "authkey", "link", "dl"}
)
_SECRET_HEADERS = frozenset({"authorization", "x-api-key", "cookie", "proxy-authorization"})
_SHORTEST_SECRET = 4  # a shorter one would black out half of every message
_SHOWN = 60  # characters of one parameter
# Keys and query parameters whose value is a secret, wherever they stand.
NAMES = (
    r"x-api-key|api[_-]?key|apikey|mam_id|passkey|pass_key|torrent_pass|authkey|auth_key|rsskey|"
    r"(?:access_|refresh_|abs_|session_)?token|password|passwd|secret(?:_key)?|sid|cookie"
)
_PATTERNS = (
    # Authorization: Bearer abc, Authorization=Basic abc
    (re.compile(r"(?i)(\bauthorization\b[\"']?\s*[:=]\s*[\"']?)(?:\w+\s+)?[^\s\"',;}]+"), r"\1***"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), r"\1 ***"),
    # apikey=abc in a URL, "token": "abc" in JSON
    (
        re.compile(rf"(?i)(?<![A-Za-z])({NAMES})([\"']?\s*[:=]\s*[\"']?)[^\s&\"',;}})\]]+"),
        r"\1\2***",
    ),
    # the same behind letters (usertoken=abc), up to where markup or a list goes on
    (
        re.compile(
            r"(?i)((?:api_?key|token|passkey|torrent_pass|authkey|mam_id|password)[\"']?\s*[=:]\s*[\"']?)"
            r"[^\s\"'&;<>,]+"
        ),
        r"\1***",
    ),
    (re.compile(r"(?i)([?&]key=)[^\s&\"',;)\]}]+"), r"\1***"),
    # a key of ours, wherever it stands; its id may be seen
    (re.compile(r"(brk_[0-9A-Za-z]{8}_)[0-9A-Za-z]{40,46}"), r"\1***"),
    # https://user:password@host
    (re.compile(r"(://[^\s/:@]*):[^\s/@]+@"), r"\1:***@"),
    # a tracker's passkey as a piece of a path: /announce/0123…/, /0123…/announce
    (re.compile(r"(?i)(/(?:announce|rss|download|dl)[^\s/?]*/)[0-9a-z]{32,}"), r"\1***"),
    (re.compile(r"(?i)/[0-9a-z]{16,}(/announce)"), r"/***\1"),
)
_TAGS = re.compile(r"<(script|style)\b.*?(</\1\s*>|$)|<[^>]*(>|$)", re.IGNORECASE | re.DOTALL)
_EXCERPT = 200


def redact(text: str) -> str:
    """Return *text* with every key, token and password in it hidden."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


class Redaction:
    """The secrets of one request, which no message about it may show."""

    def __init__(
        self,
        client: "httpx.AsyncClient",
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
        return redact(text)

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
    return redact(" ".join(printable.split()))[:_EXCERPT]
