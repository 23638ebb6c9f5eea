"""A model's answer as it is given to a person: sentence by sentence, each with the sources that bear it out.

A sentence without a citation, or with one that does not bear it out, gets those that do (`support`). One that no source
bears out is left in, and marked. Until something is borne out, sentences are held back: it may be that the model only
says, in whatever words, that it found nothing.
"""

import re
from collections.abc import Iterator, Sequence

from agent.answering.writing.support import Support, Verdict
from common.sentences import sentences

UNSUPPORTED = "*(not in the documents)*"
LONGEST = 1_000  # characters that are waited for, of one sentence or held back
NO_SOURCE = 0  # the number of what bears out and cannot be cited
_MARKS = re.compile(r"[ \t]*\[(\d{1,4}(?:\s*,\s*\d{1,4})*)\]")
_RULE = re.compile(r"\|[\s:|-]+\|?\s*")
_FENCE = "```"
_END = re.compile(r"[\n.!?\u061f\u3002\uff01\uff1f]|\s")  # where a sentence may have come to its end


class Settling:
    """Takes an answer in pieces and gives it back in whole sentences. `numbers[n - 1]` is what the model's source n is
    called outside; `answers`: the estimate says that the sources answer.

    `found`: something was borne out by a source. `dangling`: citations of no source. `words`: some were written; of a
    reply without any nothing is given back.
    """

    def __init__(self, support: Support, numbers: Sequence[int], *, answers: bool) -> None:
        self._support, self._numbers = support, numbers
        self._answers = answers
        self._rest = ""
        self._held: list[tuple[str, Verdict | None]] = []  # None: no sentence
        self._code = False
        self.found = False
        self.words = False
        self.dangling: list[str] = []

    def feed(self, text: str) -> Iterator[str]:
        """The sentences that are complete and decided."""
        self._rest += text
        if len(self._rest) > LONGEST:
            yield from self._ended()
        if not _END.search(text):
            return
        pieces = pieces_of(self._rest)
        keep = 2 if pieces and pieces[-1].lstrip().startswith("[") else 1
        self._rest = "".join(pieces[-keep:])
        for piece in pieces[:-keep]:
            yield from self._settled(piece)

    def close(self) -> Iterator[str]:
        yield from self._ended()
        yield from self._last()

    def _ended(self) -> Iterator[str]:
        pieces, self._rest = pieces_of(self._rest), ""
        for piece in pieces:
            yield from self._settled(piece)

    def _settled(self, piece: str) -> Iterator[str]:
        said = _MARKS.sub("", piece).strip()
        if piece.lstrip().startswith(_FENCE):
            self._code = not self._code
        self.words = self.words or any(letter.isalnum() for letter in said)
        if self._code or not any(letter.isalnum() for letter in said) or _RULE.fullmatch(said):
            if self._held or not self.words:  # marks alone are no answer
                self._held.append((piece, None))
            else:
                yield self._renumbered(piece)
            return
        verdict = self._support.of(said)
        own = [n for found in _MARKS.finditer(piece) for n in map(int, found[1].split(","))]
        own = [n for n in own if self._is_cited(n)]
        if verdict.sources:
            self.found = True
            yield from self._released()
            yield self._borne_out(piece, own, verdict)
        elif verdict.denied:
            yield from self._released()
            yield _appended(self._renumbered(piece), f" {UNSUPPORTED}")
        elif own and (verdict.foreign or not verdict.adds):  # words do not tell: the model's own citation stands
            self.found = True
            yield from self._released()
            yield self._renumbered(piece)
        elif self.found:
            yield self._doubted(piece, verdict)
        else:
            self._held.append((piece, verdict))
            if sum(len(held) for held, _ in self._held) >= LONGEST:  # too much to say that there is nothing
                yield from self._released()

    def _borne_out(self, piece: str, own: Sequence[int], verdict: Verdict) -> str:
        renumbered = self._renumbered(piece)
        if set(own) & set(verdict.sources):
            return renumbered
        return _appended(_MARKS.sub("", piece), self._mark(verdict.sources[0]))

    def _doubted(self, piece: str, verdict: Verdict) -> str:
        claims = verdict.adds and verdict.on_topic and not piece.rstrip().endswith(":")
        return _appended(self._renumbered(piece), f" {UNSUPPORTED}" if claims else "")

    def _released(self) -> Iterator[str]:
        held, self._held = self._held, []
        for piece, verdict in held:
            yield self._doubted(piece, verdict or Verdict())

    def _last(self) -> Iterator[str]:
        """Nothing was borne out. Of words in which nothing can be looked for ("Yes."), the estimate says whether they
        answer; for all else they do not."""
        held, self._held = self._held, []
        said = [verdict for _, verdict in held if verdict is not None]
        trusted = bool(said) and not any(one.adds for one in said) and self._answers
        self.found = self.found or trusted
        for place, (piece, _) in enumerate(held if self.words else []):
            text = self._renumbered(piece)
            if trusted and place == len(held) - 1:
                text = _appended(text, self._mark(self._support.nearest))
            yield text

    def _is_cited(self, source: int) -> bool:
        return 1 <= source <= len(self._numbers) and self._numbers[source - 1] != NO_SOURCE

    def _mark(self, source: int) -> str:
        number = self._numbers[source - 1]
        return "" if number == NO_SOURCE else f" [{number}]"

    def _renumbered(self, piece: str) -> str:
        return _MARKS.sub(self._outside, piece)

    def _outside(self, match: re.Match[str]) -> str:
        marks = []
        for source in map(int, match[1].split(",")):
            if self._is_cited(source):
                marks.append(f"[{self._numbers[source - 1]}]")
            else:
                self.dangling.append(f"[{source}]")
        space = match[0][: match[0].index("[")]
        return space + "".join(marks)


def pieces_of(text: str) -> list[str]:
    """The sentences of a text with all that is around them, so that they add up to it; a row of a table is one."""
    found: list[str] = []
    for line in text.splitlines(keepends=True):
        start = 0
        for sentence in [] if line.lstrip().startswith("|") else sentences(line):
            place = line.find(sentence, start)
            end = place + len(sentence) if place >= 0 else start
            if place >= 0 and _MARKS.fullmatch(f" {sentence}") is None:
                found.append(line[start:end])
            elif found and place >= 0:
                found[-1] += line[start:end]
            start = end
        if found and start:
            found[-1] += line[start:]
        else:
            found.append(line)
    return found


def _appended(piece: str, mark: str) -> str:
    """`piece` with a mark behind its last word: before the line's end, and inside a row's last cell."""
    if not mark:
        return piece
    body = piece.rstrip()
    end = piece[len(body) :]
    if body.startswith("|") and body.endswith("|"):
        return f"{body[:-1].rstrip()}{mark} |{end}"
    return f"{body}{mark}{end}"
