"""Codes of letters that PDFium has no character for -> what they mean, or that nobody knows it.

A font should bring a map from its codes to characters. Where one does not, PDFium gives the bare code as if it were
the character, which is right for fonts that keep to a known encoding, and nonsense for others.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from retrievers.parsers.accounting import UNKNOWN
from retrievers.parsers.characters.symbol_fonts import PRIVATE, sign
from retrievers.parsers.pdf.legibility import VOID, is_language
from retrievers.parsers.pdf.letters import Letters

NO_ROOM = 0.05  # em between the cells of two letters of one word
_WINDOWS = range(0x80, 0xA0)  # control codes; cp1252 has letters there
_SMALL_CAPITALS = range(0xF721, 0xF800)  # of Adobe's private use: its Glyph List calls 0xF761 "Asmall"
_SIGN_FONTS = {
    "symbol": "Symbol",
    "symbolmt": "Symbol",
    "webdings": "Webdings",
    "wingdings": "Wingdings",
    "wingdings2": "Wingdings 2",
    "wingdings3": "Wingdings 3",
}
_WHITE = range(9, 14)
# codes that no letter has: control codes, private use; white space within a word may be a ligature
_VOID = re.compile("[\\0\1\3-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd]|(?<=[^\\W\\d_])[\t-\r](?=[^\\W\\d_])")
_SLANT = re.compile(r"[^\W\d_](?= [^\W\d_])")
_SPACE_GLYPH, _LAST_GLYPH = 3, 225  # of the 258 glyphs of Macintosh TrueType fonts (OpenType, table `post`, format 1)


def meanings(letters: Letters) -> dict[int, str]:
    """What the letters at some places mean other than PDFium says: a character, nothing, or `UNKNOWN`."""
    codes, text = letters.codes, letters.text
    void = [match.start() for match in _VOID.finditer(text)]
    found = {place: _character(codes[place]) for place in void if _is_letter(letters, place)}
    windows = [place for place in found if codes[place] in _WINDOWS]
    if windows:
        fonts = _by_font(letters, range(letters.count))
        for name, places in _by_font(letters, windows).items():
            if _writes_words(codes[place] for place in fonts[name]):
                found |= {place: _windows(codes[place]) for place in places}
    if found or letters.unmapped:
        for places in _by_font(letters, filter(letters.is_unmapped, range(letters.count))).values():
            found |= _guessed(places, codes)
    found |= _signs(letters, (place for place in found if codes[place] in PRIVATE))
    spaces = (match.end() for match in _SLANT.finditer(text))
    return found | {place: "" for place in spaces if _is_slant(letters, place)}


def _is_letter(letters: Letters, place: int) -> bool:
    """Whether the page draws a letter there, and for white space, one of the word around it."""
    if letters.codes[place] in _WHITE and letters.font(place - 1) != letters.font(place):
        return False
    return letters.is_drawn(place)


def _signs(letters: Letters, places: Iterable[int]) -> dict[int, str]:
    """What the private codes of fonts of signs mean, by the name of the font. Its other codes may be the file's own."""
    found: dict[int, str] = {}
    for font, group in _by_font(letters, places).items():
        name = _SIGN_FONTS.get(re.sub(r"^.*\+|\W|regular$", "", font.decode("latin-1").lower()), "")
        codes = {place: letters.codes[place] for place in group}
        found |= {place: " " if code == PRIVATE.start + 32 else sign(name, code) for place, code in codes.items()}
    return found


def _is_slant(letters: Letters, place: int) -> bool:
    """Whether PDFium took the room after a slanting capital for a space: "P recision" in a formula."""
    if not (letters.text[place - 1].isupper() and letters.text[place + 1].islower() and letters.is_generated(place)):
        return False
    left, right = letters.cell(place - 1), letters.cell(place + 1)
    return abs(right[0] - left[2]) < NO_ROOM * (left[3] - left[1])


def _character(code: int) -> str:
    return chr(code - 0xF700).lower() if code in _SMALL_CAPITALS else UNKNOWN


def _windows(code: int) -> str:
    return bytes([code]).decode("cp1252", errors="replace")


def _by_font(letters: Letters, places: Iterable[int]) -> dict[bytes, list[int]]:
    fonts: defaultdict[bytes, list[int]] = defaultdict(list)
    for place in places:
        fonts[letters.font(place)].append(place)
    return fonts


def _writes_words(codes: Iterable[int]) -> bool:
    """Whether most of a font's letters are some: those of a font of signs are not."""
    letters = [chr(code).isalpha() for code in codes if code > 32]
    return sum(letters) > len(letters) / 2


def _guessed(places: Sequence[int], codes: Sequence[int]) -> dict[int, str]:
    """What the letters of one font without a map mean, where the bare codes say nothing."""
    guess = _text(places, {place: chr(codes[place]) for place in places})
    control = sum(codes[place] < 32 for place in places)
    if control <= VOID * len(places) and is_language(guess):
        return {}
    numbered = {place: _glyph(codes[place]) for place in places}
    commonest = Counter(codes[place] for place in places).most_common(1)[0][0]
    if commonest == _SPACE_GLYPH and UNKNOWN not in numbered.values() and is_language(_text(places, numbered)):
        return numbered
    return dict.fromkeys(places, UNKNOWN)


def _text(places: Sequence[int], meaning: Mapping[int, str]) -> str:
    """Letters that follow one another as words, apart from those elsewhere."""
    return "".join(f"{' ' if place - before > 1 else ''}{meaning[place]}" for before, place in pairwise([0, *places]))


def _glyph(number: int) -> str:
    """The character of a glyph that a TrueType font calls by its number, in the order that most fonts keep to."""
    if not _SPACE_GLYPH <= number <= _LAST_GLYPH:
        return UNKNOWN
    return bytes([number + 29 if number < 98 else number + 30]).decode("mac_roman")
