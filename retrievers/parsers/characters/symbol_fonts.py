"""Letters of fonts that draw signs in the places of letters, such as Symbol and Wingdings, as the signs they are.

The table is mammoth's, in which the signs of Symbol, Webdings and Wingdings 1 to 3 are told by their Unicode names.
"""

import re

PRIVATE = range(0xF000, 0xF100)  # where such fonts have their signs; the last two digits are the letter
_PRIVATE = re.compile("[\uf000-\uf0ff]")


def sign(font: str, code: int) -> str:
    """The letter `code` of the font. U+FFFD where it is a sign of a font that is not known."""
    from mammoth.docx.dingbats import dingbats

    known = dingbats.get((font, code & 0xFF if code in PRIVATE else code))
    if known is None:
        return "\ufffd" if code in PRIVATE or not 0 < code < 0xD800 else chr(code)
    return chr(known)


def with_signs(text: str, font: str) -> str:
    """`text` set in the font, which has signs at private places."""
    return _PRIVATE.sub(lambda found: sign(font, ord(found[0])), text)
