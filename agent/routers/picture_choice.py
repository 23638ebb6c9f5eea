"""A picture that was asked for: show one of the documents', or make one?

GILL (Koh et al., 2023) learns to retrieve or to generate an image; here a logistic regression does, over how the
request is worded and what the documents hold for it. Weights are made by `python -m evals.picture_train`.
"""

import itertools
import re
from collections.abc import Sequence

from agent.routers.base import FindPictures
from agent.routers.clauses import spelled
from agent.routers.modalities import THRESHOLD, Reading
from agent.routers.wordclasses import OF, POLITE
from common.logistic import sigmoid, weighed
from retrievers import embedders
from retrievers.elements import Hit

LOOKED_AT = 3  # figures
MOST_MISSING = 4  # words
UNKNOWN = 0.5  # relevance of what an embedder of pictures found
FORMAL = {"make", "draw", "show", "PICTURE", "FIGURE", "IT", "ME"}  # classes of words that say nothing of the subject
MAKING = re.compile(
    r"\b(?:draw|re-?draw|paint|sketch|doodle|render|illustrate|generate|create|design|invent|imagine|compose|make|turn"
    r"|dream up|think up|come up with|conjure|whip up|surprise me)\b",
    re.IGNORECASE,
)
FINDING = re.compile(
    r"\b(?:find|locate|dig out|look up|pull up|bring up|fetch|open|reuse|reprint|remind|existing|original|actual|real"
    r"|published|printed|(?:is|was|are) there|there (?:is|was|are|were|must|should)|(?:do|did|have) (?:you|we)"
    r"|(?:you|we) have|got an?(?:y)?|any(?:thing)?|which|where|wheres|not a new"
    r"|(?:in|from|of) (?:the|my|our|this|these) (?:\w+ )?"
    r"(?:report|manual|guide|documents?|files?|book|slides?|paper))\b",
    re.IGNORECASE,
)
INVENTED = re.compile(
    r"\b(?:as (?:an?|one|two|some|if)|like an?|new|fresh|another|(?:would|could|might) look|in (?:the )?style"
    r"|style|wearing|made of|with (?:a|two|eyes|wings)|watercolou?r|oil|cartoon|comic|poster|logo|icon|wallpaper|banner"
    r"|woodcut|pixel art|surreal|dancing|flying|there is no|nobody has)\b",
    re.IGNORECASE,
)
DEFINITE = re.compile(
    r"\b(?:the|that|your) (?:\w+ ){0,2}(?:picture|image|illustration|drawing|visual|graphic|figure|photo|diagram|chart"
    r"|plot|map|plan|scan|graph|schematic|pie|timeline)\b",
    re.IGNORECASE,
)
_PICTURE = (
    r"(?:pictures?|images?|pics?|illustrations?|drawings?|visuals?|graphics?|photos?|photographs?|paintings?|figure)"
)
ASKED = re.compile(  # "a picture of", "pic: ", "have you got a good drawing", "surprise me with a picture"
    rf"^(?:(?:an?|the|some|any|new|please|just)\s+)*{_PICTURE}\s*(?::|of|about|with|that|which|showing|from)"
    r"|\b(?:show|see|give|get|bring|send|find|fetch|got|need|want|like|love|do|provide|look at|locate|reuse|reprint"
    r"|have|come up with|me with|chance of|on)\b(?:\s+(?:me|us|up|to))*"
    rf"\s+(?:an?|the|some|any|one|another|your|whatever)\s+(?:[\w-]+\s+){{0,3}}?{_PICTURE}\b"
    r"|\b(?:see|show|do|have|turn|visuali[sz]e|look at)\b.*\b(?:as|into) an? "
    r"(?!table|list|text|word|pdf|file|whole|result)\w",
    re.IGNORECASE,
)
TOLD = re.compile(  # about a picture, or made of one
    r"\b(?:descri\w+|expla\w+|interpret\w*|summar\w+|caption|title for|alt|story|answers?|poem|transcri\w+"
    r"|translat\w+|discuss|comment|analy\w+|classify|recogni\w+|detect\w*|identify|extract|count|compare|label|app|who|when|why|what|not|no)\b",
    re.IGNORECASE,
)
BIAS = 1.37
WEIGHTS = {
    "makes": 1.84,
    "finds": -1.96,
    "invented": 1.85,
    "definite": -2.15,
    "relevance": -1.15,
    "gap": -1.18,
    "coverage": -1.78,
    "missing": 1.25,
}


def settled(reading: Reading, find: FindPictures | None) -> Reading:
    """The reading with every picture that a clause wants either to be shown or to be made, never a bit of both.

    A clause that does not say what the picture is of stays as it was read. Without documents to look in (`find`), the
    reading's own shares decide.
    """
    shares = tuple(map(_settled, reading.clauses, reading.shares, itertools.repeat(find)))
    return Reading(reading.clauses, shares)


def _settled(clause: str, shares: dict[str, float], find: FindPictures | None) -> dict[str, float]:
    wanted = 1.0 - (1.0 - shares["image"]) * (1.0 - shares["picture"])
    others = max(share for name, share in shares.items() if name not in {"image", "picture", "text"})
    if max(wanted, others) < THRESHOLD and asks_for_picture(clause):
        wanted, shares = 1.0, shares | {"text": 0.0}
    about = subject(clause)
    if wanted < THRESHOLD or not about:
        return shares
    bare = 1.0 if shares["picture"] > shares["image"] else 0.0
    make = (bare if find is None else probability(features(clause, find(about)))) >= 0.5
    return shares | {"image": 0.0 if make else wanted, "picture": wanted if make else 0.0}


def asks_for_picture(clause: str) -> bool:
    """Whether a clause plainly asks for a picture, rather than about one."""
    return ASKED.search(clause) is not None and TOLD.search(clause) is None


def subject(request: str) -> str:
    """What the picture is of: the request without the words that only ask for one."""
    kept = [word for word in re.findall(r"\w[\w'-]*", spelled(request)) if not _formal(word.lower())]
    return " ".join(kept) if embedders.load("bm25").stems(" ".join(kept)) else ""


def features(request: str, hits: Sequence[Hit]) -> dict[str, float]:
    """The values that `WEIGHTS` weighs, each about 0..1."""
    stems = embedders.load("bm25").stems
    asked = set(stems(subject(request)))
    held = [len(asked.intersection(stems(hit.element.indexed_text))) for hit in hits[:LOOKED_AT]]
    relevances = sorted((UNKNOWN if hit.relevance is None else hit.relevance for hit in hits), reverse=True)
    best = relevances[0] if relevances else 0.0
    said = spelled(request)
    missing = len(asked) - max(held, default=0)
    return {
        "makes": float(bool(MAKING.search(said))),
        "finds": float(bool(FINDING.search(said))),
        "invented": float(bool(INVENTED.search(said))),
        "definite": float(bool(DEFINITE.search(said))),
        "relevance": best,
        "gap": best - relevances[1] if len(relevances) > 1 else best,
        "coverage": 1.0 - missing / max(1, len(asked)),
        "missing": min(missing, MOST_MISSING) / MOST_MISSING,
    }


def probability(row: dict[str, float]) -> float:
    """That the picture is to be made."""
    return sigmoid(BIAS + weighed(WEIGHTS, row))


def _formal(word: str) -> bool:
    return word in POLITE or not FORMAL.isdisjoint(OF.get(word, ()))
