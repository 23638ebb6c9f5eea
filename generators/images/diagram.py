"""Mermaid text to a drawn diagram, with Mermaid itself running in an embedded JavaScript engine: no browser."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from generators.core.base import NOTHING, CannotConvert, Info, Medium, Watch, check_packages, read_options, text_of

FENCE = re.compile(r"```(?:mermaid)?\s*\n(?P<body>.*?)```", re.DOTALL)
KINDS = "flowchart, sequenceDiagram, classDiagram, stateDiagram-v2, erDiagram, gantt, pie, mindmap, timeline"
LONGEST = 50_000  # characters; Mermaid's own limit


@dataclass(frozen=True, slots=True)
class Options:
    """`theme` is one of Mermaid's (default, neutral, forest, dark); `scale` the PNG's pixels for one of the drawing."""

    theme: str = "default"
    scale: float = 2.0


class Diagram:
    """Draws Mermaid source, bare or in a fenced block. Gives a PNG with the SVG and the source among `others`."""

    info: ClassVar[Info] = Info(
        name="diagram",
        source="text",
        target="image",
        form="diagram",
        summary="Draws a diagram from Mermaid text: flow charts, sequences, states, classes, time lines.",
        cost=1.5,
        quality=5,
        licence="MIT (mermaidx, Mermaid)",
        packages=("mermaidx",),
        extra="diagrams",
        narrow=True,
    )
    Options: ClassVar[type] = Options

    def check(self) -> None:
        check_packages(self.info)

    def convert(
        self, source: Medium, request: str = "", options: Mapping[str, Any] = NOTHING, watch: Watch | None = None
    ) -> Medium:
        """Raises `CannotConvert` with Mermaid's own complaint if the text is no diagram."""
        self.check()
        import mermaidx

        chosen = read_options(Options, options, self.info.name)
        watch = watch or Watch()
        text = source_in(text_of(source, request))
        watch.step(0.1, "drawing")
        try:
            drawing = mermaidx.render(text, theme=chosen.theme, config=_config(text))
            svg, png = drawing.svg(), drawing.png(scale=chosen.scale, background="white")
        except RuntimeError as error:
            reason = str(error).removeprefix("Mermaid rendering failed: ").split("\n\n")[0]
            raise CannotConvert(
                f"Mermaid cannot draw this: {reason}", f"Start with a kind of diagram: {KINDS}."
            ) from error
        return Medium(
            "image",
            text=text,
            data=png,
            mime="image/png",
            others={"image/svg+xml": svg.encode(), "text/vnd.mermaid": text.encode()},
            facts={"converter": self.info.name, "theme": chosen.theme},
        )


def _config(text: str) -> dict[str, Any]:
    """Labels as SVG text, which every viewer shows and which can hold no script; mind maps place them wrongly then."""
    html = text.lstrip().startswith("mindmap")
    return {"htmlLabels": html, "flowchart": {"htmlLabels": html}, "securityLevel": "strict"}


def source_in(text: str) -> str:
    """The Mermaid source: the first fenced block, or the whole text. Raises `CannotConvert` if it is too long."""
    match = FENCE.search(text)
    body = (match["body"] if match else text).strip()
    if len(body) > LONGEST:
        raise CannotConvert(f"The diagram's text has {len(body):,} characters.", f"Keep it below {LONGEST:,}.")
    return body
