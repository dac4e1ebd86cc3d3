"""Languages as people and catalogues write them, to the codes of ISO 639-1."""

import re
import unicodedata
from typing import Final

import langcodes
from langcodes.tag_parser import LanguageTagError

# Codes that say "no one language": undetermined, several, uncoded, no language at all.
_NO_LANGUAGE: Final = frozenset({"und", "mul", "mis", "zxx"})

# English and own names of the languages that audiobooks are sold in; codes need no table.
_NAMES: Final = {
    name: code
    for code, names in {
        "af": "afrikaans",
        "ar": "arabic العربية",
        "bg": "bulgarian български",
        "bn": "bengali bangla বাংলা",
        "ca": "catalan català valencian",
        "cs": "czech čeština český",
        "cy": "welsh cymraeg",
        "da": "danish dansk",
        "de": "german deutsch",
        "el": "greek ελληνικά",
        "en": "english",
        "eo": "esperanto",
        "es": "spanish español castilian castellano",
        "et": "estonian eesti",
        "eu": "basque euskara",
        "fa": "persian farsi فارسی",
        "fi": "finnish suomi",
        "fr": "french français",
        "ga": "irish gaeilge",
        "gl": "galician galego",
        "he": "hebrew עברית",
        "hi": "hindi हिन्दी",
        "hr": "croatian hrvatski",
        "hu": "hungarian magyar",
        "hy": "armenian հայերեն",
        "id": "indonesian",
        "is": "icelandic íslenska",
        "it": "italian italiano",
        "ja": "japanese 日本語",
        "ka": "georgian ქართული",
        "ko": "korean 한국어",
        "la": "latin latina",
        "lt": "lithuanian lietuvių",
        "lv": "latvian latviešu",
        "mk": "macedonian македонски",
        "ml": "malayalam മലയാളം",
        "mr": "marathi मराठी",
        "ms": "malay",
        "nl": "dutch nederlands flemish",
        "no": "norwegian norsk",
        "pl": "polish polski",
        "pt": "portuguese português",
        "ro": "romanian română",
        "ru": "russian русский",
        "sa": "sanskrit",
        "sk": "slovak slovenčina",
        "sl": "slovenian slovene slovenščina",
        "sq": "albanian shqip",
        "sr": "serbian српски srpski",
        "sv": "swedish svenska",
        "sw": "swahili kiswahili",
        "ta": "tamil தமிழ்",
        "te": "telugu తెలుగు",
        "th": "thai ไทย",
        "tl": "tagalog filipino",
        "tr": "turkish türkçe",
        "uk": "ukrainian українська",
        "ur": "urdu اردو",
        "vi": "vietnamese",
        "yi": "yiddish ייִדיש",
        "zh": "chinese mandarin cantonese 中文",
    }.items()
    for name in unicodedata.normalize("NFC", names).split()
}
_MOST_LETTERS_OF_A_CODE: Final = 3
_SHORTER: Final = {"fil": "tl"}  # Filipino is the standard form of Tagalog, which has two letters


def language_code(text: str | None) -> str | None:
    """Return the ISO 639-1 code of a language, or ISO 639-3 where no two letters exist.

    Takes names in English or their own tongue ("German", "Deutsch"), codes of two or three letters
    ("ENG", "ger") and tags ("pt-BR", "English (US)"); None for what no language is called.
    """
    folded = unicodedata.normalize("NFC", text or "").casefold().strip()
    words = [word for word in re.split(r"[\s,;:/|()\[\]_-]+", folded) if word]
    if not words:
        return None
    found = _NAMES.get(folded) or _NAMES.get(words[0])
    return found or _from_code(words[0])


def _from_code(code: str) -> str | None:
    if len(code) > _MOST_LETTERS_OF_A_CODE or not code.isascii():
        return None
    try:
        tag = langcodes.standardize_tag(code, macro=True)
    except LanguageTagError:
        return None
    if tag in _NO_LANGUAGE or not langcodes.tag_is_valid(tag):
        return None
    language = tag.partition("-")[0]  # "cnr" is "sr-ME"
    return _SHORTER.get(language, language)
