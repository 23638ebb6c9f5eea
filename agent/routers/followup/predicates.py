"""A fragment in the place of a verb, an adjective or a degree: "renovated?", "older?", "the cheapest?"."""

from collections.abc import Iterator

from agent.routers.followup.candidate import Edit, prefixed, similarity
from agent.routers.followup.parsing.question import Question, is_degree


def predicated(fragment: Question, question: Question) -> Iterator[Edit]:
    """In the place of a verb, or an adjective that stands as one: "renovated?", "older?", "cycle to work?"."""
    alone = len(fragment.words) == 1
    told = {"verb", "adj", "word"} if alone else {"verb", "adj"}  # a word alone is hard to tell: "praise?"
    new = next((one for one in fragment.words if one.tag in told), None)
    if new is None or (
        new.tag == "adj" and (len(fragment.words) > 2 or any(one.determiner for one in fragment.phrases))
    ):
        return
    whole = fragment.text.strip(" ?.!")
    inner = {one for phrase in question.phrases for one in phrase.tokens}
    for place, other in enumerate(one for one in question.tokens if one.tag in {"verb", "adj"} and one not in inner):
        features = {
            "alone": float(alone),
            "first": float(place == 0),
            "alike": similarity(new.text, other.text),
            "same": float(new.tag == other.tag),
            "word": float(new.tag == "word"),
            "degree": float(new.key.endswith("er") and other.key.endswith("er")),
            "in_how": float(other in question.asking),
        }
        yield Edit(other.start, other.end, whole, prefixed("verb", features))
        if not alone:
            yield Edit(other.start, len(question.text), f"{whole}?", prefixed("verb_rest", features))


def ranked(fragment: Question, question: Question) -> Iterator[Edit]:
    """ "the lowest?" in the place of "the highest" or "the most expensive", wherever that stands."""
    grammar = question.grammar
    new = [one for one in fragment.words if one.tag not in {"det", "one"}]
    if not new or not is_degree(new[0], grammar) or len(new) > 2:
        return
    words = " ".join(one.text.lower() for one in new)
    for place, old in enumerate(question.tokens):
        if not is_degree(old, grammar) or old.key in words:
            continue
        ordinal = old.key in grammar["picks"]
        features = {"ordinal": float(ordinal), "words": float(len(new) > 1)}
        yield Edit(old.start, old.end, words, prefixed("rank", features))
        then = question.tokens[place + 1] if place + 1 < len(question.tokens) else None
        if then is not None and then.tag != "mark" and not ordinal:
            yield Edit(old.start, then.end, words, prefixed("rank_both", features | {then.tag: 1.0}))
