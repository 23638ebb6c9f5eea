"""Whether a text layer says anything: fonts without a character map give letters that mean nothing."""

import re
import unicodedata

from retrievers.parsers.pdf.letters import SAMPLE_STEP, Letters

VOID = 0.2  # share of control characters and the like that makes a text layer worthless
UNMAPPED = 0.3  # share of letters whose meaning PDFium guessed that makes it doubtful
MIN_WORD = 3  # letters of a word that is asked whether it is one
_WORD_LIKE = re.compile(r"[^\W\d_]+([-'’./][^\W\d_]+)*|[\d.,:/-]+[^\W\d_]{0,3}")

_JOINT = re.compile(r"[-'’./]")


def is_garbled(letters: Letters, text: str) -> bool:
    """Whether the letters have no meaning: no character map, or one that leads to nothing or anywhere."""
    sample = text[::SAMPLE_STEP]
    void = sum(unicodedata.category(char) in ("Cc", "Co", "Cn") or char == "\ufffd" for char in sample)
    if void > VOID * len(sample):
        return True
    return letters.unmapped > UNMAPPED and not is_language(text)


def is_language(text: str) -> bool:
    """Whether most of the longer words look like words: letters of one script, or numbers."""
    tokens = [token for token in text.split() if len(token) >= MIN_WORD]
    return not tokens or sum(map(_is_word, tokens)) >= len(tokens) / 2


def _is_word(token: str) -> bool:
    core = token.strip("".join(char for char in token if not char.isalnum())) or token
    if any(part[1:] != part[1:].lower() and part != part.upper() for part in _JOINT.split(core)):
        return False  # capitals among small letters
    scripts = {unicodedata.name(char, "?").split()[0] for char in core if char.isalpha()}
    return len(scripts) <= 1 and _WORD_LIKE.fullmatch(core) is not None
