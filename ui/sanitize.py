"""HTML on its way out to the page: only the tags, attributes and addresses that the page itself writes.

`ui.render` escapes every word of a stranger's; this is the second wall, should one ever be forgotten.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from nh3 import ALLOWED_TAGS, Cleaner

Parameters = ParamSpec("Parameters")
OURS = ("made/", "document-pages/", "answers/", "#evidence", "?c=")  # what an address begins with
SOUND = {"autoplay", "controls", "preload", "src"}
_cleaner = Cleaner(
    tags=ALLOWED_TAGS | {"audio", "button", "section", "video"},
    attributes={
        "*": {"class", "role", "style", "tabindex", "title"},
        "a": {"data-cite", "data-conversation", "download", "href", "rel", "target"},
        "audio": SOUND,
        "button": {
            "data-act",
            "data-ask",
            "data-conversation",
            "data-corpus",
            "data-do",
            "data-document",
            "data-model",
            "data-name",
            "data-page",
            "data-place",
            "data-source",
            "data-title",
            "data-turn",
            "data-words",
            "data-zoom",
            "type",
        },
        "details": {"open"},
        "img": {"alt", "loading", "src"},
        "li": {"data-box", "data-page", "data-words"},
        "ol": {"start"},
        "section": {"id"},
        "video": SOUND,
    },
    generic_attribute_prefixes={"aria-"},
    # of a table's cells, of a bar, of what is marked on a page
    filter_style_properties={"text-align", "width", "height", "left", "top"},
    link_rel=None,
    url_schemes=set(),
    url_relative=lambda address: address if address.startswith(OURS) else None,
)


def sanitized(html: str) -> str:
    """`html` without anything else, on one line: at a blank one the chat would read what follows as Markdown."""
    return _cleaner.clean(html).replace("\r", "&#13;").replace("\n", "&#10;")


def sanitizing(write: Callable[Parameters, str]) -> Callable[Parameters, str]:
    """Of a function that writes a piece of the page."""

    @wraps(write)
    def written(*given: Parameters.args, **named: Parameters.kwargs) -> str:
        return sanitized(write(*given, **named))

    return written
