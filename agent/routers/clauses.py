"""A request cut into its clauses, each asking for one thing: "plot the sales and read me the trend" has two.

Cuts rather too often than too rarely: whoever reads the clauses sees the others too.
"""

import re

# fmt: off
_SPELLINGS = {
    "abt": "about", "agn": "again", "cn": "can", "cuz": "because", "em": "them", "gimme": "give me",
    "grph": "graph", "hw": "how", "img": "image", "lemme": "let me", "n": "and", "pic": "picture",
    "pics": "pictures", "pls": "please", "plz": "please", "ppl": "people", "r": "are", "sumarize": "summarise",
    "summarize": "summarise", "sumary": "summary", "tabel": "table", "tbl": "table", "teh": "the", "thx": "thanks",
    "txt": "text", "u": "you", "ur": "your", "vid": "video", "vids": "videos", "visualize": "visualise",
    "wat": "what", "whats": "what is", "wich": "which", "wot": "what", "yr": "year",
}
_VERBS = (
    "add|animate|answer|arrange|back|bring|build|chart|check|compare|compile|compose|convert|create|describe"
    "|design|diagram|display|download|draw|explain|export|fetch|file|find|generate|get|give|graph|group|hear|hum"
    "|illustrate|lay|let|list|listen|look|make|map|mention|name|narrate|order|paint|play|plot|prepare|present"
    "|print|produce|pronounce|put|read|recite|record|redraw|render|replot|return|save|say|search|see|send|set|show|sing|sketch"
    "|sort|speak|store|sum|summarise|tabulate|take|tell|translate|turn|use|visualise|voice|wrap|write"
)
_NOUNS = (
    "animation|artwork|audio|bars?|charts?|clip|curve|diagram|document|drawing|explanation|figure|file|flow ?chart"
    "|graph|html|illustration|image|map|markdown|mind ?map|movie|mp3|music|noise|org chart|painting|pdf|photo|picture"
    "|pie|plot|podcast|poster|report|song|sound|speech|summary|table|timeline|video|voice"
)
# fmt: on
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+")
_ABBREVIATION = re.compile(r"\b(?:fig|figs|no|p|pp|e\.g|i\.e|vs|dr|mr|mrs|approx|sec|ch)\.$", re.IGNORECASE)
_PASTED = re.compile(r"\n+\W*input:.*|\n\s*\n.{200,}|[\"“][^\"”]{60,}[\"”]", re.IGNORECASE | re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.?!;])\s+|\n+")
_START = (
    r"(?=(?:(?:also|then|please|now|finally|just|afterwards|maybe|could you|can you|i want you to|i'?d like to|to)\s+)*"
    rf"(?:(?:{_VERBS})\b|(?:what|who|whom|which|when|where|why|how|is|are|does|do|did|can|could|i|we|he|she|my)\b"
    rf"|(?:(?:a|an|the|some|one|its|their|as|short)\s+)*(?:[\w-]+\s+){{0,3}}(?:{_NOUNS})\b))"
)
_AND = re.compile(
    r"\s*(?:\+|&|\bplus\b|,?\s*\b(?:and\s+)?(?:then|also|afterwards|after that|as well as|while|but)\b)\s*"
    rf"|,\s*(?:and\s+)?(?:so(?!\s+that)|since|because)\b\s*|(?:\s*,\s*|\s+)and\s+{_START}|,\s+{_START}",
    re.IGNORECASE,
)


def own_words(text: str) -> str:
    """A request without the material that was pasted into it."""
    return _PASTED.sub("", text)


def spelled(text: str) -> str:
    """Usual short forms written out: "pls show teh pic" -> "please show the picture". Pasted material is left out."""
    text = re.sub(r"\b2\s+me\b", "to me", own_words(text).replace("’", "'"), flags=re.IGNORECASE)
    text = re.sub(r"\b(i|me|lemme)\s+c\b", r"\1 see", text, flags=re.IGNORECASE)
    text = re.sub(r"\bw/", "with ", text, flags=re.IGNORECASE)
    return _WORD.sub(lambda match: _SPELLINGS.get(match[0].lower(), match[0]), text)


def clauses(request: str) -> list[str]:
    """The clauses of a spelled-out request in their order; a request of one thing is one clause."""
    found = []
    for sentence in _sentences(request):
        parts = (part.strip(" ,;.!") for part in _AND.split(sentence))
        found += [part for part in parts if _WORD.search(part)]
    return found or [request]


def words(text: str) -> list[str]:
    """Lower-case words; a number is "0"."""
    return ["0" if word.isdigit() else word.lower() for word in _WORD.findall(text)]


def _sentences(text: str) -> list[str]:
    """Sentences; the full stop of "fig. 2" ends none."""
    whole: list[str] = []
    for part in _SENTENCE.split(text.strip()):
        if whole and _ABBREVIATION.search(whole[-1]):
            whole[-1] = f"{whole[-1]} {part}"
        else:
            whole.append(part)
    return whole
