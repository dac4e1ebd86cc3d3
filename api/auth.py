"""Who calls: find the key in a request, recognise it, slow down whoever guesses."""

import math

from starlette.requests import Request

from api.desk import Desk
from api.errors import Refused
from api.throttle import network
from pipeline.api_keys import Caller, Scope, digest, key_id, recognise

QUERY_KEY = "bookrunner.apikey"  # where the shield keeps what stood in `?apikey=`
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="bookrunner"'}


async def authenticate(desk: Desk, request: Request, scope: Scope) -> Caller:
    """Return whose key the request shows.

    Raises Refused: 401 without a valid key, 403 for a disabled user or a scope that does not reach
    as far, 429 while this address or this key has failed too often.
    """
    text = shown_key(request)
    if text is None:
        raise Refused(
            401, "send a key as X-Api-Key, Authorization: Bearer, or ?apikey=", (), _CHALLENGE
        )
    caller = await recognised(desk, request, text)
    if caller is None:
        desk.metrics.refused_key()
        raise Refused(401, "this key opens nothing", (), _CHALLENGE)
    if not caller.enabled:
        raise Refused(403, "this user is disabled")
    if not caller.may(scope):
        raise Refused(403, f"this key's scope does not reach as far as {scope}")
    return caller


def shown_key(request: Request) -> str | None:
    """Return the key of a request: from its header, its bearer token, or its query."""
    header = request.headers.get("x-api-key")
    if header:
        return header.strip()
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and token.strip():
        return token.strip()
    return request.scope.get(QUERY_KEY) or None


async def recognised(desk: Desk, request: Request, text: str) -> Caller | None:
    """Return whose key *text* is, or None for one that opens nothing.

    Raises Refused 429 while this address or this key has failed too often.
    """
    public = key_id(text)
    if public is None:
        return None  # mistyped: it costs nobody an attempt, and the database nothing
    address = network(request.client.host if request.client else "")
    names, print_ = (f"address:{address}", f"key:{public}"), digest(text)
    wait = desk.throttle.wait(*names)
    if wait > 0 and not desk.throttle.knows(address, print_):
        raise Refused(
            429, "wait before the next attempt", (), {"Retry-After": f"{math.ceil(wait)}"}
        )
    caller = await recognise(desk.pool, text)
    if caller is None:
        desk.throttle.failed(*names)
        desk.throttle.distrust(address, print_)
    else:
        desk.throttle.proved(address, print_)
    return caller
