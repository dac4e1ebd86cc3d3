"""Hide known secrets in what a foreign program says, however it spells them. Pure."""

import html
import json
import re
from urllib.parse import quote, quote_plus

HIDDEN = "***"
_SHORT = 4  # a shorter secret is hidden only where it stands alone; else it blacks out every text


class Hiding:
    """The secrets that one program was given."""

    def __init__(self, *secrets: str) -> None:
        spellings = {each for secret in secrets if secret for each in _spellings(secret)}
        patterns = [
            re.escape(s) if len(s) >= _SHORT else rf"(?<!\w){re.escape(s)}(?!\w)"
            for s in sorted(spellings, key=len, reverse=True)
        ]
        self._pattern = re.compile("|".join(patterns)) if patterns else None

    def clean(self, text: str) -> str:
        """Return *text* without the secrets."""
        return self._pattern.sub(HIDDEN, text) if self._pattern else text


def _spellings(secret: str) -> set[str]:
    """Return the secret as it stands, in URLs, in JSON, in HTML, and as Python shows it."""
    return {
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        html.escape(secret),
        html.escape(secret, quote=False),
        repr(secret)[1:-1],
        secret.replace("'", "\\'").replace('"', '\\"'),
    }
