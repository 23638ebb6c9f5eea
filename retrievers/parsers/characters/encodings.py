"""The text of a file in whatever encoding it is: by its mark, as UTF-8, as it declares, else guessed, and then said so.

The guess is chardetng's (the detector of Firefox), which is right on the shortest texts. It takes the encodings of DOS
and of old Macs, of which it knows nothing, for Windows-1252; where that puts signs and capitals inside words,
charset-normalizer says which of the two it is.
"""

import codecs
import re
from pathlib import Path

from common.errors import BadDocument

MARKS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAMPLE = 4096  # bytes in which text without a mark shows that it is UTF-16
OLD_WESTERN = ["cp850", "mac_roman"]
OLD_SAMPLE = 20_000  # bytes of lines with letters beyond ASCII
MISPLACED = 0.2  # of the characters beyond ASCII
IN_WORDS = frozenset("’‘´`­·–—-…ªº°²³")
DAMAGED = 0.1  # broken bytes for each letter beyond ASCII; text with more is not UTF-8
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)|<meta[^>]+charset\s*=\s*["']?([\w.:-]+)""")
_PRESCAN = 4096  # bytes; HTML asks for the declaration within the first 1024


def decode(path: Path) -> tuple[str, str]:
    """The file's text, and a note where its encoding had to be guessed or bytes could not be read ("" else).

    Raises `BadDocument` for binary content.
    """
    data = path.read_bytes()
    for mark, name in MARKS:
        if data.startswith(mark):
            return _read(data, name)
    if b"\0" in data:
        return _read(data, _wide(path, data))
    if b"\x1b$" not in data:  # ISO-2022 has no bytes beyond ASCII
        text = data.decode("utf-8", "replace")
        damaged = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")  # not those that the file was written with
        if damaged <= DAMAGED * sum(not char.isascii() for char in text[: 10 * SAMPLE]):
            return text, f"{damaged} characters that are not valid UTF-8 could not be read" if damaged else ""
    declared = _declared(data)
    if declared:
        return _read(data, declared)
    name = _guess(data)
    text, damage = _read(data, name)
    return text, f"{damage or 'its encoding is nowhere declared'}; read as {name}, which is a guess"


def looks_wide(head: bytes) -> bool:
    """Whether `head`, the beginning of a file, is text in UTF-16 without a mark."""
    return bool(_byte_order(head[:SAMPLE]))


def _wide(path: Path, data: bytes) -> str:
    name = _byte_order(data[:SAMPLE])
    if not name:
        raise BadDocument(f"{path.name} holds binary data, not text.", "Give it the extension of its real format.")
    return name


def _byte_order(sample: bytes) -> str:
    """UTF-16 as the sample can only be: every second byte of most letters, spaces and line ends is zero."""
    sample = sample[: len(sample) // 2 * 2]
    for name, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        text = sample.decode(name, "replace")
        readable = sum(char.isprintable() or char.isspace() for char in text)
        if zeros.count(0) > max(1, len(sample) // 20) and readable > 0.98 * len(text):
            return name
    return ""


def _read(data: bytes, name: str) -> tuple[str, str]:
    text = data.decode(name, "replace")
    damaged = text.count("\ufffd")
    return text, f"{damaged} characters could not be read as {name}" if damaged else ""


def _declared(data: bytes) -> str:
    """The encoding that the text names itself, where it can be read so; as browsers understand the name."""
    import webencodings

    found = _DECLARED.search(data[:_PRESCAN].lower())
    label = (found[1] or found[2]).decode("ascii") if found else ""
    known = webencodings.lookup(label)
    try:
        name: str = known.codec_info.name if known else codecs.lookup(label).name
        data.decode(name)
    except (LookupError, UnicodeDecodeError):
        return ""
    return name


def _guess(data: bytes) -> str:
    import chardetng_py
    import webencodings
    from charset_normalizer import from_bytes

    detector = chardetng_py.EncodingDetector()
    detector.feed(data, last=True)
    label = detector.guess(tld=None, allow_utf8=False)
    sample = b"\n".join(line for line in data.splitlines() if not line.isascii())[:OLD_SAMPLE]
    if label == "windows-1252" and _misplaced(sample.decode("cp1252", "replace")) > MISPLACED:
        best = from_bytes(sample, cp_isolation=OLD_WESTERN).best()
        return best.encoding if best else OLD_WESTERN[0]
    name: str = webencodings.lookup(label).codec_info.name
    return name


def _misplaced(text: str) -> float:
    """Share of the characters beyond ASCII that cannot stand where they do: signs and capitals inside words."""
    places = [at for at, char in enumerate(text) if not char.isascii()]
    odd = sum(text[at] == "\ufffd" or _odd(text[at - 1 : at], text[at], text[at + 1 : at + 2]) for at in places)
    return odd / max(1, len(places))


def _odd(before: str, char: str, after: str) -> bool:
    if char.isalpha():
        return char.isupper() and before.islower()
    return before.isalpha() and after.isalpha() and char not in IN_WORDS
