"""Converters by name, and what is known of each; nothing heavy is imported by asking.

A converter of your own joins through an entry point in the group `triptych.converter`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import UserError
from common.registry import Registry
from generators.core.base import Converter, Info, Kind

CONVERTERS = Registry(
    "converter",
    {
        "numbers": "generators.tables.numbers:Numbers",
        "chart": "generators.charts.chart:Chart",
        "table-text": "generators.tables.text:TableText",
        "sheet": "generators.tables.sheet:Sheet",
        "diagram": "generators.images.diagram:Diagram",
        "speech": "generators.audio.speech:Speech",
        "speech-hf": "generators.audio.speech_hf:TransformersSpeech",
        "speech-served": "generators.audio.speech_served:ServedSpeech",
        "transcript-whisper": "generators.audio.transcript_whisper:WhisperTranscript",
        "transcript-hf": "generators.audio.transcript_hf:TransformersTranscript",
        "transcript-served": "generators.audio.transcript_served:ServedTranscript",
        "picture-hf": "generators.images.picture_hf:DiffusersPicture",
        "picture-served": "generators.images.picture_served:ServedPicture",
        "edit-hf": "generators.images.edit_hf:DiffusersEdit",
        "edit-served": "generators.images.edit_served:ServedEdit",
        "film-hf": "generators.video.film_hf:DiffusersFilm",
        "film-served": "generators.video.film_served:ServedFilm",
        "music-hf": "generators.audio.music_hf:DiffusersMusic",
        "ocr": "generators.images.ocr:Ocr",
        "caption": "generators.images.ocr:Caption",
        "table-reading": "generators.images.ocr:TableReading",
        "document": "generators.documents.document:DocumentExport",
    },
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One registered converter: its `info`, or the `problem` that keeps it from being imported."""

    name: str
    info: Info | None = None
    problem: str = ""


def entries() -> list[Entry]:
    """Every registered converter. One that cannot be imported, such as a broken plug-in, is listed with its problem."""
    found = []
    for name in CONVERTERS.names():
        try:
            found.append(Entry(name, info=CONVERTERS.get(name).info))
        except (UserError, ImportError, AttributeError) as error:
            found.append(Entry(name, problem=str(error)))
    return found


def build(settings: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Converter]:
    """One of every converter that can be imported, by name.

    `settings` holds keyword arguments by converter name, as under `[converters.<name>]` of `triptych.toml`.
    Raises `UnknownName` for a name that is not registered, `UserError` for a setting that a converter does not have.
    """
    settings = settings or {}
    for name in settings:
        CONVERTERS.get(name)
    made: dict[str, Converter] = {}
    for entry in entries():
        if entry.info is not None:
            made[entry.name] = _made(entry.name, settings.get(entry.name, {}))
    return made


def _made(name: str, arguments: Mapping[str, Any]) -> Converter:
    kind = CONVERTERS.get(name)
    try:
        converter: Converter = kind(**arguments)
    except TypeError as error:
        raise UserError(
            f"The settings of the converter {name!r} do not fit: {error}.", command="Mend triptych.toml."
        ) from error
    return converter


def by_pair(converters: Iterable[Converter]) -> dict[tuple[Kind, Kind], list[Converter]]:
    """Converters keyed by (source, target)."""
    pairs: dict[tuple[Kind, Kind], list[Converter]] = {}
    for converter in converters:
        pairs.setdefault((converter.info.source, converter.info.target), []).append(converter)
    return pairs
