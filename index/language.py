"""Which language a text is in. The models read English only, so nothing else may be quoted as an answer.

English is told by its commonest words, because to leave out an English article costs more than to keep another one;
only what has few of them is looked at by py3langid (naive Bayes over byte n-grams; Lui and Baldwin, ACL 2012), which
also names the language.
"""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

READ_LANGUAGES = frozenset({"en"})
ENGLISH = "en"

# Common in English, and no common words of other languages that are written in Latin letters.
_ENGLISH_WORDS = frozenset(
    "the of and to is that for it with as his they be at this have from or had by but not what all were we when your "
    "can said there how their which would been has who its if about into than them these could our up out so after "
    "where why did does whose whom are was her she he you do many much".split()
)
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
# Large languages only: on the few words of a question, the small ones are mistakes.
_ASKED_IN = frozenset("en de fr es it pt nl sv da no fi pl cs hu ro tr".split())
_SAMPLE_WORDS = 400
# Real English news has from 0.25 upwards; other languages below 0.06.
_ENGLISH_SHARE = 0.15
_LEAST_WORDS = 20
_SURE = 0.95

NAMES = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "en": "English",
    "el": "Greek",
    "es": "Spanish",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sr": "Serbian",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of an article's language; None where it can't be told, as in a text of few words."""
    words = _words(text)
    if len(words) >= _LEAST_WORDS and _share_of_english(words) >= _ENGLISH_SHARE:
        return ENGLISH
    # Chinese, Japanese and Thai put no spaces between words.
    if len(words) < _LEAST_WORDS and not (len("".join(words)) >= 3 * _LEAST_WORDS and _foreign_script(words)):
        return None
    code, sure = _identifier().classify(" ".join(words))
    return str(code) if sure >= _SURE or _foreign_script(words) else None


def is_read(language: str | None) -> bool:
    """Do the models read it? What isn't known is taken to be read."""
    return language is None or language in READ_LANGUAGES


def language_of_question(question: str) -> str | None:
    """The code of a question's language where that is clearly none that is read; else None.

    A question is short and full of names, so that one English word that no other language has is enough to pass.
    """
    words = _words(question)
    if _foreign_script(words):
        return str(_identifier().classify(question)[0])
    if len(words) < 3 or any(word in _ENGLISH_ONLY for word in words):
        return None
    ranked = [(str(code), float(share)) for code, share in _identifier().rank(question) if code in _ASKED_IN]
    code, share = ranked[0]
    return code if code != ENGLISH and share >= _SURE * sum(share for _, share in ranked) else None


def language_name(code: str) -> str:
    """The English name of a language, or its code in words where it has none here."""
    return NAMES.get(code, f"the language “{code}”")


# Of the words above, those that mean nothing in the languages that questions are tried for.
_ENGLISH_ONLY = _ENGLISH_WORDS - frozenset(
    "to is for it with as had at be or from by we all her do so he was you up".split()
)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text[: 20 * _SAMPLE_WORDS])[:_SAMPLE_WORDS]]


def _share_of_english(words: list[str]) -> float:
    return sum(word in _ENGLISH_WORDS for word in words) / len(words)


def _foreign_script(words: list[str]) -> bool:
    """Are most of the letters none of the Latin alphabet's?"""
    letters = "".join(words)
    return bool(letters) and len(_LATIN.findall(letters)) < len(letters) / 2


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
