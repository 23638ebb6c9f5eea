"""What an agent makes of words and of recordings, without a question."""

from pathlib import Path
from typing import TYPE_CHECKING

from agent.answering.citations import unmarked
from agent.asking.running import Told
from agent.build import Parts
from agent.events import Artifact, Citation
from agent.inputs.attachments import Attachment, recording_files
from generators.core.base import Medium

if TYPE_CHECKING:
    from agent.converting.requests import Form


class MakesMedia:
    """With the converters of `_parts`; `_told` hears of what is made."""

    _parts: Parts
    _told: Told | None

    @property
    def speaks(self) -> bool:
        """Whether something here reads aloud."""
        return self.makes("speech")

    def makes(self, form: "Form") -> bool:
        """Whether something here makes a chart, a picture, speech ... of words."""
        return self._parts.converters.makes(form)

    def speak(self, text: str) -> Artifact:
        """`text` read aloud. Raises `UserError` where nothing here speaks."""
        return self.convert("speech", unmarked(text))

    def keep(self, file: Path) -> Path:
        """A copy of what comes with a question, under its own name, where things made are kept."""
        return self._parts.media.put(file.read_bytes(), file.suffix, file.stem)

    @property
    def hears(self) -> bool:
        """Whether something here writes down recordings."""
        return self._parts.converters.reads("audio", "text")

    def transcribe(self, recording: Attachment) -> str:
        """What a recording says. Raises `UserError` where nothing here hears, or it is no recording."""
        [path] = recording_files([recording], self._parts.given)
        return self._parts.converters.read(Medium("audio", data=path.read_bytes()), "text").text

    def convert(self, form: "Form", source: str | Citation, request: str = "") -> Artifact:
        """A chart, speech, a document ... of words or of a cited place, as `request` says. Raises `UserError` where
        nothing here makes it of this."""
        from agent.converting import single

        made = single.convert(self._parts.converters, form, source, request)
        if self._told:
            self._told("", made)
        return made
