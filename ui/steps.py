"""The steps of a request -> HTML, as pure functions."""

from collections.abc import Sequence

from agent.events import Answer, Evidence, Failed, Planned, ToolFinished, ToolStarted
from ui import render
from ui.sanitize import sanitizing

TraceEvent = Planned | ToolStarted | ToolFinished | Evidence | Answer | Failed


@sanitizing
def trace(events: Sequence[TraceEvent]) -> str:
    """The steps of one request with their timings."""
    finished = {event.step for event in events if isinstance(event, ToolFinished)}
    lines = [line for event in events if (line := _trace_line(event, finished))]
    if not lines:
        return '<p class="hint">What was done for an answer, step by step, appears here.</p>'
    return f'<ol class="trace">{"".join(lines)}</ol>'


def _trace_line(event: TraceEvent, finished: set[str]) -> str:
    match event:
        case Planned(router=router, steps=steps):
            return _row("Plan", "; ".join(steps), f"router: {router}")
        case ToolFinished(tool=tool, summary=summary, seconds=seconds, error=error):
            return _row(tool, error or summary, f"{seconds:.2f} s", failed=bool(error))
        case ToolStarted(step=step, tool=tool) if step not in finished:
            return _row(tool, "running", "")
        case Answer(model=model, seconds=seconds, citations=citations):
            cited = f"{len(citations)} source{'' if len(citations) == 1 else 's'} cited"
            return _row("Answer", f"{model}, {cited}" if model else cited, f"{seconds:.2f} s in all")
        case Failed(message=words):
            return _row("Stopped", words, "", failed=True)
    return ""


def _row(name: str, words: str, timing: str, *, failed: bool = False) -> str:
    return (
        f"<li{' class=failed' if failed else ''}><b>{render.plain(name)}</b>"
        f"<span>{render.plain(words)}</span><time>{render.plain(timing)}</time></li>"
    )
