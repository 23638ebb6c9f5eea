"""The drawer: this visitor's conversations as HTML, as a pure function."""

from collections.abc import Sequence

from agent.conversations.turns import Conversation
from ui import render
from ui.sanitize import sanitizing


@sanitizing
def listing(conversations: Sequence[Conversation], current: str, search: str = "") -> str:
    """Each as a link to it, with its buttons; `drawer.js` turns clicks into events."""
    if not conversations:
        words = f"Nothing was said about {search}." if search else "What you ask is kept here."
        return f'<p class="hint">{render.plain(words)}</p>'
    items = "".join(_item(one, one.name == current) for one in conversations)
    return f'<ul class="conversations">{items}</ul>'


def _item(conversation: Conversation, current: bool) -> str:
    title, name = render.plain(conversation.title), render.plain(conversation.name)
    here = ' aria-current="page"' if current else ""
    pin = "Unpin" if conversation.pinned else "Pin"
    buttons = "".join(
        f'<button type="button" data-do="{word.lower()}" data-conversation="{name}" data-title="{title}"'
        f' title="{word}" aria-label="{word} {title}">{sign}</button>'
        for word, sign in ((pin, "★"), ("Rename", "✎"), ("Delete", "×"))
    )
    kind = ' class="pinned"' if conversation.pinned else ""
    return (
        f'<li{kind}><a href="?c={name}" data-conversation="{name}" title="{title}"{here}>{title}</a>'
        f'<span class="buttons">{buttons}</span></li>'
    )
