"""Characters as a person types them: forms that only a printer knows become the letters that they stand for.

What says something else than its plain letters stays: 10², ½, ™, № and the punctuation of Chinese and Japanese.
"""

import re
import unicodedata

_FORMS = re.compile(
    "["
    "\ufb00-\ufb06\ufb13-\ufb17"  # ligatures: ﬁ, ﬄ
    "\ufb1d-\ufdcf\ufe70-\ufefc"  # Hebrew and Arabic letters as they look at their place in a word
    "\u2f00-\u2fd5"  # radicals that look like an ideograph
    "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uff9f"  # letters and digits of full or half width
    "\U0001d400-\U0001d7ff"  # letters of formulas
    "]+"
)
_UNSEEN = re.compile("[\u200b\u2060\ufeff]|(?<=\\w)\u00ad(?=\\w)")


def plain(text: str) -> str:
    """`text` as one would search for it: in composed letters, without ligatures and marks that nobody sees."""
    if text.isascii():
        return text
    folded = _FORMS.sub(lambda forms: unicodedata.normalize("NFKC", forms.group()), text)
    return unicodedata.normalize("NFC", _UNSEEN.sub("", folded))
