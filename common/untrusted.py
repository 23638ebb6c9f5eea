"""Words of strangers (documents, file names, models, requests), made fit for where they go.

Nothing is judged here: the words stay, what a reader would not see of them goes or is made visible. HTML is for
`ui.render`.
"""

import re
from functools import cache
from typing import TYPE_CHECKING

from common.errors import UserError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# Controls of terminals (C0, C1), embedded directions that turn the words after them (Unicode UAX 9), halves of letters.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
HALVES = re.compile("[\ud800-\udfff]")

_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_LINK = re.compile(r"\](?=[(:])")
_IMAGE = re.compile(r"!(?=\[)")
_BRACKETS = str.maketrans("[]()<>!`\\", "         ")
_PUNCTUATION = re.compile(r"[\\`*_\[\]<>&~|]")


def one_line(text: str) -> str:
    """On one line, whatever breaks it: without what is not seen, and with single spaces."""
    return UNSEEN.sub("", " ".join(text.split()))


def readable(text: str) -> str:
    """Without what is not seen; whatever breaks a line is a line feed."""
    return UNSEEN.sub("", "\n".join(text.splitlines()))


def visible(text: str, *, breaks: bool = False) -> str:
    r"""For a terminal or a log: what is not seen is written as Python writes it (`\x1b`, `\u202e`).

    With `breaks` line feeds and tabs as well, for what has one line, such as a file's name: it shows all of itself.
    """
    seen = UNSEEN.sub(_escaped, text)
    return seen.replace("\n", r"\n").replace("\t", r"\t") if breaks else seen


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()


def whole(text: str, what: str) -> str:
    """`text` as it is. Raises `UserError`, which calls it `what`, where half a letter stands alone in it.

    JSON can name such a half ("\\ud800"), a file name that is not UTF-8 holds one; no file, model or index takes it.
    """
    if HALVES.search(text):
        raise UserError(
            f"{what} holds half a letter (a lone surrogate): {visible(text[:80])}",
            "Write it again; what sent it has to send UTF-8.",
        )
    return text


def joined(text: str) -> str:
    """`text` whose letters are whole: two halves side by side are their letter, one alone is U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if HALVES.search(text) else text


def disarmed(text: str) -> str:
    """Markdown whose links, pictures and raw HTML are taken apart, code included: it can lay out words, no more."""
    return _LINK.sub("] ", _IMAGE.sub("! ", _TAG.sub("< ", text)))


def plain_markdown(text: str) -> str:
    """Words as Markdown that shows just them, on one line (CommonMark 0.31, 2.4: backslash escapes)."""
    return _PUNCTUATION.sub(r"\\\g<0>", one_line(text))


def link_words(text: str) -> str:
    """Words between the brackets of a Markdown link, on one line, for readers who see them as they are written too:
    what could end the link or begin another, a picture or HTML is left out."""
    return one_line(text.translate(_BRACKETS))


@cache
def markdown() -> "MarkdownIt":
    """Reads Markdown without raw HTML, pictures and links, for whoever renders it."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    return parser.disable(["image", "link", "autolink", "reference"])


def markdown_blocks(text: str) -> list[str]:
    """The HTML of each block of Markdown, read likewise: a paragraph, a list ...; a table is one with the paragraph
    before it."""
    parser = markdown()
    blocks: list[str] = []
    begun: list[Token] = []
    for token in parser.parse(text):
        begun.append(token)
        if token.level or token.nesting > 0:  # within a block, or at its beginning
            continue
        html = parser.renderer.render(begun, parser.options, {})
        if begun[0].type == "table_open" and blocks and blocks[-1].startswith("<p>"):
            blocks[-1] += html
        else:
            blocks.append(html)
        begun = []
    return blocks
