"""Words by what they do in a request, and patterns of these classes: "make a histogram" and "draw a pie" look alike.

Classes in lower case are what is done, those in capitals what is made or shown. A word may have several.
"""

import itertools
from collections.abc import Sequence

# fmt: off
CLASSES = {
    "make": "make create generate produce build prepare compose design develop construct craft invent compile "
            "assemble synthesise synthesize conjure dream cook whip knock do need want like love prefer wish "
            "require looking give get provide return deliver supply",
    "draw": "draw sketch paint illustrate doodle render imagine depict draft redraw",
    "plot": "plot chart graph visualise visualize plotted charted graphed visualised visualized replot",
    "show": "show display open bring pull see view look find fetch present pop shown seen watch",
    "read": "read recite narrate speak say voice pronounce vocalise vocalize announce sing hum whistle tell "
            "spoken dictate",
    "hear": "hear listen play listening hearing",
    "turn": "turn convert transform change translate into render put lay set arrange transfer reformat",
    "save": "save export download store archive print mail email send attach wrap pack bundle forward share "
            "keep",
    "ask": "what who whom whose when where why which how is are was were does do did has have had can could "
           "whether if",
    "tell": "tell explain describe summarise list name mention compare discuss interpret analyse paraphrase "
            "rewrite answer caption transcribe comment define clarify elaborate understand know review rephrase "
            "shorten say sum summary gist upshot outline",
    "not": "not no without don't dont never skip rather instead nor needn't cannot can't",
    "move": "animate animated film moving move moves motion",
    "lay": "tabulate tabulated columns rows column row side",
    "out": "aloud loud loudly out voice ear ears",
    "CHART": "chart charts graph graphs plot plots histogram histograms pie donut doughnut bar bars scatter "
             "scatterplot curve boxplot sparkline axes axis heatmap trendline barchart linechart piechart radar "
             "bubble candlestick",
    "DIAGRAM": "diagram diagrams flowchart flowcharts mindmap mermaid gantt uml boxes arrows nodes hierarchy "
               "timeline organigram organogram swimlane flow mind org tree dependency",
    "PICTURE": "picture pictures image images illustration drawing painting artwork art poster logo cartoon "
               "watercolour watercolor wallpaper icon banner comic portrait visual scene avatar meme rendering "
               "mural sticker postcard illustrations paintings drawings artworks skin skins clipart mockup",
    "FIGURE": "figure figures fig photo photos photograph photographs map maps screenshot scan schematic "
              "blueprint cover infographic picture pictures image images diagram drawing illustration chart graph "
              "plot sketch painting xray logo page slide",
    "TABLE": "table tables grid spreadsheet matrix tabular columns rows sheet timetable",
    "AUDIO": "audio speech voice recording podcast mp wav sound sounds noise music song songs melody tune "
             "jingle narration audiobook voiceover tts lullaby soundtrack beat symphony waltz ballad sonata anthem "
             "vocals spoken",
    "VIDEO": "video videos clip clips film films movie movies animation animations gif footage trailer vlog",
    "DOCUMENT": "pdf html markdown document documents file files report handout attachment docx md printout dossier",
    "sort": "sort sorted rank order ordered bin asc desc ascending descending axis attribute id ids low high",
    "each": "each every per average sum total number proportion distribution correlation",
    "fix": "separate isolate remove clean enhance denoise improve upscale sharpen restore edit retouch "
           "colourise deblur restyle synthesise synthesize",
    "learn": "detect identify recognise recognize classify analyse analyze extract segment label count predict "
             "study",
    "TEXT": "text transcript transcription transcripts description descriptions caption summary summaries "
            "answer answers words sentence sentences essay poem story email dialogue response question "
            "questions translation",
    "TOOL": "tool model system app application program service feature platform chatbot assistant software "
            "solution product api algorithm",
    "PAGE": "page slide chapter section appendix paragraph p",
    "IT": "it this that them these those",
    "ME": "me us my our",
}
# fmt: on
DETERMINERS = {"a": "a", "an": "a", "one": "a", "some": "a", "another": "a", "the": "the", "this": "the", "that": "the"}
DETERMINERS |= {"your": "the", "its": "the", "their": "the", "any": "a", "each": "the", "both": "the", "which": "which"}
KEPT, POLITE, OBJECTS = (
    frozenset(words.split())
    for words in (
        "a an the as in into to of for from with on by and or about at i you we",
        "please pls kindly could can you would i'd i also then now just maybe ok hey so and let let's",
        "a an the this that these those it them me us my our your how some each every all",
    )
)
REACH = 4  # words between a determiner and its noun
ASKING = "ask"  # counts at the start of a clause only: "what is", but not "to have"


def _classes() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, words in CLASSES.items():
        for word in words.split():
            found[word] = (*found.get(word, ()), name)
    slips = {slip: names for word, names in found.items() for slip in _slips(word)}
    return slips | found


def _slips(word: str) -> set[str]:
    """A longer word with two letters swapped or one left out: "histgram"."""
    if len(word) < 5:
        return set()
    swapped = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(1, len(word) - 1)}
    return swapped | ({word[:i] + word[i + 1 :] for i in range(1, len(word) - 1)} if len(word) > 5 else set())


OF = _classes()


def class_patterns(words: Sequence[str]) -> set[str]:
    """Classes, which stands first, which follows which, and with which article, of lower-case `words`."""
    start = next((place for place, word in enumerate(words) if word not in POLITE), 0)
    said = [_marked(words, place, first=place == start) for place in range(len(words))]
    found = [names for names in said if names]
    first = next((names for names in said[start:] if names), ())
    single = {name for names in found for name in names}
    then = {f"{a}>{b}" for left, right in itertools.pairwise(found) for a in left for b in right}
    later = {f"{a}..{b}" for a in first for names in found[1:] for b in names}
    last = {f"{name}$" for name in (said[-1] if said else ())}
    return single | {f"^{name}" for name in first} | then | later | last


def _marked(words: Sequence[str], place: int, *, first: bool) -> tuple[str, ...]:
    """The classes of a word, things with the article before them ("CHART/a"), and some little words as they are."""
    word = words[place]
    if word in KEPT:
        return (word,)
    names = [name for name in OF.get(word, ()) if first or name != ASKING]
    if first and place + 1 < len(words) and words[place + 1] in OBJECTS:
        names = [name for name in names if name.islower()] or names  # "chart the sales": what is done, not a thing
    before = next(
        (DETERMINERS[one] for one in reversed(words[max(0, place - REACH) : place]) if one in DETERMINERS), "-"
    )
    return tuple(f"{name}/{before}" if name.isupper() and len(name) > 2 else name for name in names)
