"""Follow-up questions made to stand alone, by rule and without a model.

"And its mass?" after "How large is Mars?" -> "Mars mass?"; "What about Venus?" -> "How large is Venus?".
"""

import re

_LEAD = re.compile(r"^\s*(?:and|but|so|also|ok(?:ay)?|then)\b[\s,]*", re.IGNORECASE)
_ABOUT = re.compile(r"^\s*(?:(?:what|how)\s+about|same\s+for|for)\s+", re.IGNORECASE)
_PRONOUN = re.compile(
    r"\b(?:its|their|his|her|it|they|them|he|she|him|this\s+one|that\s+one|the\s+same\s+one)\b", re.IGNORECASE
)
_NAME = re.compile(r"\b(?:[A-Z][\w'-]*|\d+[A-Za-z]\w*)(?:\s+(?:[A-Z][\w'-]*|\d+))*")
_WORD = re.compile(r"\w[\w'-]*")
# fmt: off
_NOT_A_SUBJECT = frozenset((
    "a", "about", "an", "and", "are", "as", "at", "be", "by", "can", "compare", "could", "describe", "did",
    "do", "does", "explain", "find", "for", "from", "give", "had", "has", "have", "how", "i", "in", "is", "it",
    "its", "list", "many", "me", "much", "of", "on", "or", "please", "show", "tell", "than", "that", "the",
    "their", "them", "there", "they", "this", "to", "us", "was", "we", "were", "what", "when", "where", "which",
    "who", "whose", "why", "will", "with", "would", "you", "your", "much", "far", "large", "big", "long", "old",
    "high", "fast", "hot", "cold", "deep", "heavy", "small", "wide", "tall", "often", "there",
))
# fmt: on
_QUESTION = re.compile(r"^\s*(?:who|what|when|where|which|why|how|is|are|was|were|do|does|did|can|show)\b", re.I)


def standalone(question: str, previous: str | None) -> str:
    """`question` with what it leaves unsaid filled in from `previous`, the last question that stood alone."""
    if not previous:
        return question
    rest = _LEAD.sub("", question).strip()
    about = _ABOUT.sub("", rest)
    if about != rest or (rest != question.strip() and _names(about) and len(_content(about)) <= 2):
        return _with_other_subject(previous, about)
    subject = _subject(previous)
    pronoun = _PRONOUN.search(rest)
    if subject and pronoun and not _names(_after_first_word(rest[: pronoun.start()])):
        return _capitalised(_PRONOUN.sub(lambda match: _filled(match[0], subject), rest, count=1))
    elliptical = rest != question.strip() or not _QUESTION.match(rest)
    if subject and elliptical and len(_content(rest)) <= 3 and not _names(_after_first_word(rest)):
        return f"{_capitalised(rest.rstrip('?.! '))} of {subject}?"
    return question


def _with_other_subject(previous: str, about: str) -> str:
    """`previous` asked of what `about` names: "How large is Mars?", "Venus?" -> "How large is Venus?"."""
    subject = about.strip(" ?.!")
    old = _names(_after_first_word(previous))
    if not old or not _names(subject):
        return f"{previous.rstrip('?.! ')}: {subject}?"
    place = previous.rindex(old[-1])
    ending = "'s" if old[-1].endswith("'s") and not subject.endswith("'s") else ""
    return previous[:place] + subject + ending + previous[place + len(old[-1]) :]


def _subject(question: str) -> str:
    """The names in a question, or else its last content words."""
    names = _names(_after_first_word(question))
    if names:
        return re.sub(r"'s$", "", names[-1])
    first = _WORD.search(question)
    if first and first[0][0].isupper() and first[0].lower() not in _NOT_A_SUBJECT:
        return re.sub(r"'s$", "", first[0])
    things = [word for word in _content(question) if not word.endswith(("ed", "ing"))]
    return " ".join(things[-2:])


def _filled(pronoun: str, subject: str) -> str:
    return f"{subject}'s" if pronoun.lower() in {"its", "their", "his", "her"} else subject


def _names(text: str) -> list[str]:
    return [name for name in _NAME.findall(text) if name.lower() not in _NOT_A_SUBJECT]


def _content(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word.lower() not in _NOT_A_SUBJECT]


def _after_first_word(text: str) -> str:
    """A sentence begins with a capital whatever it is, so its first word says nothing, unless it stands alone."""
    parts = text.strip().split(maxsplit=1)
    if len(parts) < 2:
        return text if parts and parts[0].strip("?!.").lower() not in _NOT_A_SUBJECT else ""
    return parts[1]


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
