"""Requests with what they want, grown from patterns: `grammar.json` (English) and `foreign.json` (six languages).

In a pattern "(a|b)" is a choice and "{topic}" a slot; "@NOUN", "@ABOUT" and "@NP" stand for a form's name, for what it
may be of, and for both. The same seed gives the same requests.
"""

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ENGLISH, FOREIGN = HERE / "grammar.json", HERE / "foreign.json"
JOINTS = (
    " and ",
    " and ",
    ", then ",
    ". Also, ",
    " and then ",
    ", and ",
    "; ",
    ". ",
    " + ",
    " n ",
    " as well as ",
    " & ",
)
OFFSET = {"evidence", "documents", "smalltalk", "again"}
_CHOICE, _SLOT = re.compile(r"\(([^()]*)\)"), re.compile(r"\{(\w+)\}")
SHORT = {
    "please": "plz", "the": "teh", "you": "u", "to": "2", "and": "n", "picture": "pic", "video": "vid", "about": "abt",
    "with": "w/", "are": "r", "for": "4", "summary": "sumary", "table": "tabel", "your": "ur", "because": "cuz",
    "image": "img", "document": "doc", "figure": "fig", "page": "p", "people": "ppl", "what is": "whats",
    "see": "c", "thanks": "thx",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """`wants`: forms, and of "evidence", "documents", "smalltalk", "again" what is true of it.

    `family` names the kind of pattern it was grown from.
    """

    request: str
    wants: frozenset[str]
    family: str = "written"


class Grammar:
    """Examples drawn at random from the patterns."""

    def __init__(self, seed: str = "0") -> None:
        self.data: dict[str, Any] = json.loads(ENGLISH.read_text(encoding="utf-8"))
        self.foreign: dict[str, Any] = json.loads(FOREIGN.read_text(encoding="utf-8"))
        self.draw = random.Random(seed)  # by the text itself, whatever PYTHONHASHSEED says
        self.forms = list(self.data["forms"])

    def one(self, form: str) -> Example:
        """A request for one form, in English."""
        draw, data = self.draw, self.data["forms"][form]
        if draw.random() < 0.45:
            return self._example(draw.choice(data["direct"]), {form}, f"{form} direct")
        frames = "np_show_frames" if form == "image" or (form == "table" and draw.random() < 0.4) else "np_frames"
        return self._example(draw.choice(self.data[frames]), {form}, frames, form)

    def words_alone(self) -> Example:
        """A request for words: a question, talk about forms, a wish for none of them, an idiom."""
        draw = self.draw
        kind = draw.choices(["text", "about_frames", "not_frames", "idioms"], [10, 9, 2.5, 2])[0]
        pattern = draw.choice(self.data[kind])
        return self._example(pattern, {"text"}, kind, draw.choice(self.forms))

    def counted(self) -> Example:
        """A chart of what has to be counted, grouped or sorted first."""
        return self._example(self.draw.choice(self.data["counted"]), {"chart"}, "counted")

    def corrected(self) -> Example:
        """Not one form but another."""
        wanted, other = self.draw.sample(self.forms, 2)
        pattern = self.draw.choice(self.data["not_but_frames"])
        return self._example(pattern, {wanted}, "not_but_frames", other, wanted)

    def paired(self) -> Example:
        """Two forms in one breath, or one beside some words."""
        wanted, other = self.draw.sample(self.forms, 2)
        if self.draw.random() < 0.7:
            return self._example(self.draw.choice(self.data["pair_frames"]), {wanted, other}, "pairs", wanted, other)
        return self._example(self.draw.choice(self.data["beside_frames"]), {wanted, "text"}, "beside", wanted)

    def back(self) -> Example:
        """A request that cannot be understood without the conversation, some of which change the last thing made."""
        kind = self.draw.choices(["back", "again"], [3, 2])[0]
        groups = self.data[kind]
        forms = list(groups)
        form = self.draw.choices(forms, [len(groups[one]) ** 0.5 for one in forms])[0]
        wants = {form} | ({"again"} if kind == "again" else set())
        return self._example(self.draw.choice(groups[form]), wants, kind)

    def aside(self) -> Example:
        """Smalltalk, or a question about which documents there are."""
        kind = self.draw.choice(["smalltalk", "documents"])
        return self._example(self.draw.choice(self.data[kind]), {"text", kind}, kind)

    def abroad(self) -> Example:
        """A request in another language than English."""
        return self._in(self._language())

    def abroad_several(self) -> Example:
        """Two requests in one, sometimes three, in another language than English."""
        language, draw = self._language(), self.draw
        parts = [self._in(language) for _ in range(2 + (draw.random() < 0.12))]
        whole = joined([part.request for part in parts], draw, self.foreign[language]["joints"])
        wants = frozenset().union(*(part.wants for part in parts)) - OFFSET
        return self._labelled(whole, set(wants), f"abroad {language}, several")

    def several(self) -> Example:
        """Two requests in one, sometimes three, a third of them with one for words; "it" for what the first is of."""
        draw = self.draw
        parts = [self.one(draw.choice(self.forms)) for _ in range(2 + (draw.random() < 0.12))]
        if draw.random() < 0.4:
            told = self._example(draw.choice(self.data["text"]), {"text"}, "text")
            parts = [told, *parts[:1]] if draw.random() < 0.6 else [*parts[:1], told]
        if draw.random() < 0.35:
            second = draw.choice(["speech", "chart", "document", "sheet", "diagram", "table", "picture", "video"])
            later = self._example(draw.choice(self.data["back"][second]), {second}, "back")
            parts = [parts[0], later]
        whole = joined([part.request for part in parts], draw)
        wants = frozenset().union(*(part.wants for part in parts)) - OFFSET
        return self._labelled(whole, set(wants), "several")

    def settled(self, one: Example) -> Example:
        """The same after a sentence or two on who asks, or why."""
        said = ". ".join(
            self._expanded(self.draw.choice(self.data["context"]), self.data)
            for _ in range(self.draw.choice([1, 1, 2]))
        )
        if self.draw.random() < 0.15:
            return Example(f"{one.request.rstrip('.?! ')}. {said}.", one.wants, f"{one.family}, settled")
        return Example(f"{said}. {one.request}", one.wants, f"{one.family}, settled")

    def _language(self) -> str:
        return self.draw.choices(list(self.foreign), [5, 5, 5, 4, 4, 4])[0]

    def _in(self, language: str) -> Example:
        data = self.foreign[language]
        form = self.draw.choice([*data["forms"], "text", "text", "text", "text", "text", "text"])
        pattern = self.draw.choice(data["text"] if form == "text" else data["forms"][form])
        text = self._expanded(pattern, {**self.data, **data}, vowels="")
        return self._finished(text, {form}, f"abroad {language}")

    def grown(self, pattern: str, slots: Mapping[str, Any], wants: set[str], family: str) -> Example:
        """One of a pattern of another file, with that file's slots."""
        return self._finished(self._expanded(pattern, {**self.data, **slots}), wants, family)

    def _example(self, pattern: str, wants: set[str], family: str, form: str = "", second: str = "") -> Example:
        if form:
            pattern = self._named(pattern, form, second)
        return self._finished(self._expanded(pattern, self.data), wants, family)

    def _named(self, pattern: str, form: str, second: str) -> str:
        other = second or self.draw.choice(self.forms)
        for mark, name in (("@NP2", other), ("@NOUN2", other), ("@NP", form), ("@NOUN", form), ("@ABOUT", form)):
            while mark in pattern:
                pattern = pattern.replace(mark, self._phrase(mark, name), 1)
        return pattern

    def _phrase(self, mark: str, form: str) -> str:
        data, draw = self.data["forms"][form], self.draw
        noun: str = draw.choice(data["nouns"])
        about = f"{{{data['about']}}}"
        if mark == "@ABOUT":
            return about if form != "music" else "something {mood}"
        if mark.startswith("@NOUN"):
            return noun
        adjective = "{mood} " if form == "music" and draw.random() < 0.5 else "{adj}"
        if draw.random() < 0.25:
            return f"{adjective}{noun}"
        return f"{adjective}{noun} {draw.choice(data.get('of', ['of']))} {about}"

    def _expanded(self, pattern: str, slots: Mapping[str, Any], vowels: str = "aeioAEIO") -> str:
        """A pattern with its choices made and slots filled, innermost first; "a" is "an" before the `vowels`."""
        while match := _CHOICE.search(pattern) or _SLOT.search(pattern):
            choices = match[1].split("|") if match[0][0] == "(" else slots[match[1]]
            pattern = pattern[: match.start()] + self.draw.choice(choices) + pattern[match.end() :]
        text = re.sub(r"\s+([,.?;:!])(?!\w)", r"\1", " ".join(pattern.split()))
        return re.sub(rf"\b(a|A) (?=[{vowels}])", r"\1n ", text) if vowels else text

    def _finished(self, text: str, wants: set[str], family: str) -> Example:
        """With a capital and a full stop, or in haste: small letters, short forms, slips of the finger."""
        draw = self.draw
        if draw.random() >= 0.3:
            text = text[:1].upper() + text[1:]
            text = text if text.endswith(("?", "!", ".")) or draw.random() < 0.4 else f"{text}."
        else:
            text = " ".join(self._hasty(text.lower().split())).rstrip(".?!")
        return self._labelled(text, wants, family)

    def _hasty(self, words: list[str]) -> list[str]:
        draw = self.draw
        words = [SHORT[word] if word in SHORT and draw.random() < 0.4 else word for word in words]
        for place, word in enumerate(words):
            if len(word) > 4 and word.isalpha() and draw.random() < 0.08:
                at = draw.randrange(1, len(word) - 2)
                slips = [word[:at] + word[at + 1] + word[at] + word[at + 2 :], word[:at] + word[at + 1 :]]
                words[place] = draw.choice([*slips, word[:at] + word[at] + word[at:]])
        return words

    @staticmethod
    def _labelled(text: str, wants: set[str], family: str) -> Example:
        return Example(text, frozenset(wants | ({"evidence"} if needs_evidence(wants) else set())), family)


def joined(requests: Sequence[str], draw: random.Random, joints: Sequence[str] = JOINTS) -> str:
    """One request for all of it."""
    whole = requests[0]
    for request in requests[1:]:
        whole = whole.rstrip(".?! ") + draw.choice(joints) + request[:1].lower() + request[1:]
    return whole


def needs_evidence(wants: set[str] | frozenset[str]) -> bool:
    """Whether something has to be looked up: not for what is made of nothing, said before, or said by the way."""
    asides = wants & {"smalltalk", "documents", "again"}
    return not asides and bool(wants - {"picture", "music", "video"})
