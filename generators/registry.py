"""Converters by name, and what is known of each; nothing heavy is imported by asking.

A converter of your own joins through an entry point in the group `triptych.converter`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import UserError
from common.registry import Registry
from generators.base import Converter, Info, Kind

CONVERTERS = Registry(
    "converter",
    {
        "numbers": "generators.numbers:Numbers",
        "chart": "generators.chart:Chart",
        "table-text": "generators.table_text:TableText",
        "sheet": "generators.sheet:Sheet",
        "diagram": "generators.diagram:Diagram",
        "speech": "generators.speech:Speech",
        "speech-hf": "generators.speech_hf:TransformersSpeech",
        "speech-served": "generators.speech_served:ServedSpeech",
        "transcript-whisper": "generators.transcript_whisper:WhisperTranscript",
        "transcript-hf": "generators.transcript_hf:TransformersTranscript",
        "transcript-served": "generators.transcript_served:ServedTranscript",
        "picture-hf": "generators.picture_hf:DiffusersPicture",
        "picture-served": "generators.picture_served:ServedPicture",
        "edit-hf": "generators.edit_hf:DiffusersEdit",
        "edit-served": "generators.edit_served:ServedEdit",
        "film-hf": "generators.film_hf:DiffusersFilm",
        "film-served": "generators.film_served:ServedFilm",
        "music-hf": "generators.music_hf:DiffusersMusic",
        "ocr": "generators.reading:Ocr",
        "caption": "generators.reading:Caption",
        "table-reading": "generators.reading:TableReading",
        "document": "generators.document:DocumentExport",
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
            f"The settings of the converter {name!r} do not fit: {error}.", "Mend triptych.toml."
        ) from error
    return converter


def by_pair(converters: Iterable[Converter]) -> dict[tuple[Kind, Kind], list[Converter]]:
    """Converters keyed by (source, target)."""
    pairs: dict[tuple[Kind, Kind], list[Converter]] = {}
    for converter in converters:
        pairs.setdefault((converter.info.source, converter.info.target), []).append(converter)
    return pairs
