"""Typefaces for PDF: the one that comes with reportlab, and others for letters it lacks. Needs the extra `export`."""

from functools import cache
from html import escape
from pathlib import Path
from unicodedata import normalize

import reportlab
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

FAMILY = {"Body": "Vera.ttf", "Body-Bold": "VeraBd.ttf", "Body-Italic": "VeraIt.ttf", "Body-BoldItalic": "VeraBI.ttf"}
WIDER = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial.ttf", "Arial Unicode.ttf")  # where the system has one
CJK = "STSong-Light"  # not embedded: readers bring it
BOX = "□"


@cache
def register() -> None:
    """Make the typefaces known to reportlab, once."""
    folder = Path(reportlab.__file__).parent / "fonts"
    for name, file in FAMILY.items():
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))
    pdfmetrics.registerFontFamily(
        "Body", normal="Body", bold="Body-Bold", italic="Body-Italic", boldItalic="Body-BoldItalic"
    )
    pdfmetrics.registerFont(UnicodeCIDFont(CJK))
    _wider()


def marked_up(text: str) -> str:
    """Text for a reportlab paragraph: escaped, and each run of letters in a typeface that has them."""
    register()
    done: list[str] = []
    run, face = "", ""
    for letter in text:
        shown, needed = _face(letter)
        if needed != face and run:
            done.append(_in_face(run, face))
            run = ""
        face = needed
        run += shown
    return "".join([*done, _in_face(run, face)])


def _in_face(run: str, face: str) -> str:
    return f'<font name="{face}">{escape(run)}</font>' if face else escape(run)


@cache
def _face(letter: str) -> tuple[str, str]:
    """What stands for a letter, and the typeface it is in: "" for the usual one."""
    if _has("Body", letter):
        return letter, ""
    if _wider() and _has(_wider(), letter):
        return letter, _wider()
    if "\u2e80" <= letter <= "\u9fff" or "\uff00" <= letter <= "\uffef":
        return letter, CJK
    plain = normalize("NFKD", letter)[0]
    return (plain, "") if _has("Body", plain) else (BOX if _has("Body", BOX) else "?", "")


def _has(face: str, letter: str) -> bool:
    return letter in " \n\t" or ord(letter) in pdfmetrics.getFont(face).face.charToGlyph


@cache
def _wider() -> str:
    """The name of a typeface of the system with more letters, or "" if it has none."""
    from PIL import ImageFont

    for file in WIDER:
        try:
            pdfmetrics.registerFont(TTFont("Wider", ImageFont.truetype(file, 12).path))
        except (OSError, TTFError):
            continue
        return "Wider"
    return ""
