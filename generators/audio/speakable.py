"""Text as it should be read aloud: without Markdown, citation marks and addresses; in pieces of whole sentences."""

import re

CODE = re.compile(r"```.*?```", re.DOTALL)
RULES = (
    (re.compile(r"!\[([^\]]*)\]\([^)]*\)"), r"\1"),  # pictures: what they show
    (re.compile(r"\[([^\]]+)\]\((?:[^()]|\([^()]*\))*\)"), r"\1"),  # links: their words
    (re.compile(r"(?:,?[ \t]?\[\d+(?:\s*[,;–-]\s*\d+)*\])+"), ""),  # citations: [1], [2, 3]
    (re.compile(r"<https?://[^>]*>|https?://\S+"), "link"),
    (re.compile(r"</?[a-zA-Z][^>]*>"), " "),
    (re.compile(r"^\s{0,3}(?:#{1,6}\s+|>\s?)", re.MULTILINE), ""),
    (re.compile(r"^\s*(?:[-*_]\s*){3,}$", re.MULTILINE), ""),
    (re.compile(r"^\s*\|?[\s:|-]*-{3}[\s:|-]*$", re.MULTILINE), ""),  # the rule below a table's header
    (re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+", re.MULTILINE), ""),
    (re.compile(r"(\*\*|__|~~|`+)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])[*_](?=\S)(.+?)(?<=\S)[*_](?![\w*])"), r"\1"),
    (re.compile(r"^[ \t]*\||\|[ \t]*$", re.MULTILINE), ""),
    (re.compile(r"[ \t]*\|[ \t]*"), ", "),
)
SENTENCE_END = re.compile(r"(?<=[.!?…。！？])\s+|\n+")


def speakable(text: str) -> str:
    """What a reader would say of a Markdown text; every heading and list item ends like a sentence."""
    plain = CODE.sub(" ", text)
    for pattern, replacement in RULES:
        plain = pattern.sub(replacement, plain)
    lines = [" ".join(line.split()) for line in plain.splitlines()]
    return "\n".join(line if line[-1] in ".!?:;,…。！？" else f"{line}." for line in lines if line)


def pieces(text: str, longest: int) -> list[str]:
    """The text in pieces of at most `longest` characters, cut between sentences, or else between words."""
    found: list[str] = []
    for sentence in SENTENCE_END.split(text):
        for part in _cut(sentence.strip(), longest):
            if found and len(found[-1]) + 1 + len(part) <= longest:
                found[-1] += f" {part}"
            else:
                found.append(part)
    return found


def _cut(sentence: str, longest: int) -> list[str]:
    parts = []
    while len(sentence) > longest:
        place = sentence.rfind(" ", 1, longest + 1)
        place = place if place > 0 else longest
        parts.append(sentence[:place].strip())
        sentence = sentence[place:].strip()
    return [*parts, sentence] if sentence else parts
