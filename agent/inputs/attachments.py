"""Files that come with a question: by path, or as what they hold. Nothing is fetched from an address."""

import io
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from common.errors import UserError
from generators.core.media import MediaStore

Attachment = str | Path | bytes
KEPT = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "GIF": ".gif"}  # other pictures are kept as PNG
SAME = {"wavex": "wav"}  # a name that libsndfile has for a kind of WAV


def picture_files(given: Sequence[Attachment], store: MediaStore) -> tuple[Path, ...]:
    """Where they lie; bytes are put into `store`. Raises `UserError` for bytes that are no picture."""
    return tuple(map(partial(_file, keep=lambda data: _keep_picture(data, store)), given))


def recording_files(given: Sequence[Attachment], store: MediaStore) -> tuple[Path, ...]:
    """Likewise of recordings."""
    return tuple(map(partial(_file, keep=lambda data: _keep_recording(data, store)), given))


def _file(one: Attachment, keep: Callable[[bytes], Path]) -> Path:
    return keep(one) if isinstance(one, bytes) else Path(one)


def _keep_picture(data: bytes, store: MediaStore) -> Path:
    from PIL import Image

    from generators.images.pixels import open_picture, png_of

    picture = open_picture(data)
    with Image.open(io.BytesIO(data)) as file:
        suffix = KEPT.get(file.format or "")
    return store.put(data, suffix) if suffix else store.put(png_of(picture), ".png")


def _keep_recording(data: bytes, store: MediaStore) -> Path:
    import soundfile

    try:
        kind = soundfile.info(io.BytesIO(data)).format.lower()
    except soundfile.SoundFileError as error:
        raise UserError("The recording cannot be read.", "Give a WAV, MP3, OGG or FLAC file that plays.") from error
    return store.put(data, f".{SAME.get(kind, kind)}")
