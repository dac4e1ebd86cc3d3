"""What is wrong when a service does not answer well, and what to do: in plain words. Pure."""

from collections.abc import Mapping

from pipeline.errors import (
    ConfigurationError,
    NotConfigured,
    NotNow,
    QuotaSpent,
    RateLimited,
    ServiceBlocked,
    ServiceDown,
    ServiceRefused,
    UnexpectedAnswer,
    Unsafe,
)

NAMES: Mapping[str, str] = {
    "audiobookshelf": "Audiobookshelf",
    "qbittorrent": "qBittorrent",
    "prowlarr": "Prowlarr",
    "mam": "MyAnonamouse",
    "google_books": "Google Books",
    "goodreads": "Goodreads",
}
_REFUSED: Mapping[str, str] = {
    "audiobookshelf": "It answers, but refuses the API key. Make one in Audiobookshelf under"
    " Settings, API Keys, for a user who is an administrator, and copy it whole.",
    "qbittorrent": "It answers, but refuses the user name or password. They are under Options, Web"
    " UI, in qBittorrent. Take care: five wrong passwords ban this machine for an hour.",
    "prowlarr": "It answers, but refuses the API key. Copy it from Prowlarr under Settings,"
    " General, Security.",
    "mam": "It answers, but refuses the session. Make one under Preferences, Security, for"
    " Bookrunner alone, and for the address from which this machine reaches the internet; a"
    " session that another program uses ends here.",
    "google_books": "It answers, but refuses the key. Is the Books API switched on for the project"
    " of this key at Google Cloud, and is the key free of address restrictions?",
    "goodreads": "It refuses to answer this address for now. It is asked again by itself; nothing"
    " else waits for it.",
}
_PUBLIC = frozenset({"mam", "google_books", "goodreads"})
_HOME = (
    "Nothing answers well at this address. Is {name} running, and are address and port right? In a"
    " container, localhost is the container itself: write the address of the machine."
)
_FAR = "{name} cannot be reached from here. Is this machine's way to the internet open?"
_ODD = (
    "Something answers, but not as {name} does. This has to be the address of {name} itself, with"
    " its port, and not of a sign-in page before it."
)
_LATER = "{name} asked for fewer questions. Try again in a few minutes; nothing is lost meanwhile."
_DISKS = (
    "Bookrunner has to see the same folders as Audiobookshelf and qBittorrent, and may see them"
    " under another path: say which. For hard links both must lie on one file system."
)
ACCOUNT_REFUSED = (
    "Is the address of your download client registered with the tracker, is it a client that the"
    " tracker allows, and is the passkey still yours? No release is blamed, and nothing more is"
    " fetched from there until then."
)


def remedy(service: str, error: Exception) -> str:
    """Return what an error of *service* means and what to do; whole sentences."""
    if service == "disks" and not isinstance(error, ServiceDown | ServiceRefused):
        return _DISKS
    name = NAMES.get(service, "The service")
    kinds: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
        (NotConfigured, "Something that {name} needs is not filled in yet."),
        (ServiceRefused, _REFUSED.get(service, "{name} answers, but refuses what was sent.")),
        (ServiceBlocked, _REFUSED["goodreads"]),
        (QuotaSpent, "{name}'s budget for today is used up; it is asked again tomorrow."),
        ((RateLimited, NotNow), _LATER),
        (ServiceDown, _FAR if service in _PUBLIC else _HOME),
        (UnexpectedAnswer, _ODD),
        (Unsafe, "No service of anybody's can be at this address; Bookrunner does not go there."),
        (ConfigurationError, "What is stored for {name} cannot be read; fill it in anew."),
    )
    for kind, words in kinds:
        if isinstance(error, kind):
            return words.format(name=name)
    return f"{name} could not be asked."
