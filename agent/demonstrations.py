"""Answers from demonstrations: a set of the user's, a picture, and whoever there is to ask.

A served model is asked over its endpoint, with fused demonstrations where `aim_projector` names a projection that
fits it, else with whole pictures; without one, the lab model in this process is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from shutil import make_archive
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from agent.events import DEMONSTRATION, Artifact
from agent.models.served.places import is_served, name_and_url
from common.errors import UserError
from common.untrusted import whole
from generators.aim.bank import Bank, Entry
from generators.aim.choice import Similarity, Way, choose
from generators.core.media import MediaStore

if TYPE_CHECKING:
    from PIL.Image import Image

    from agent.settings import Settings
    from generators.aim.fuser import Fuser
    from generators.aim.lab.ask import Lab
    from generators.aim.remote.client import RemoteFuser

UNSURE = "It named none of the labels."
IN_PROCESS = "Answered by the lab model in this process, which knows characters, marks and simple drawings only."


@dataclass(frozen=True)
class Demonstrated:
    """`shown`: the demonstrations used, in order, titled by their texts; `note`: what to know of who answered."""

    text: str
    shown: tuple[Artifact, ...]
    note: str = ""


class Demonstrator:
    """The user's sets (`bank`) and the model that is shown them; `alike` finds the nearest."""

    def __init__(
        self, settings: "Settings", media: MediaStore, alike: Similarity, models: "_Models | None" = None
    ) -> None:
        self.settings, self._models = settings, models or _Models(settings)
        self._media, self._alike = media, alike
        self.bank = Bank(settings.data_dir / "demonstrations")

    def beside(self, settings: "Settings", media: MediaStore, alike: Similarity) -> "Demonstrator":
        """Another one, of its own sets, that asks the same models."""
        return Demonstrator(settings, media, alike, self._models)

    def teach(self, name: str, pictures: Sequence[tuple[Path, str]]) -> None:
        """Add pictures with their labels to a set, made if need be. Raises `UserError` before any is added."""
        from generators.aim.data import Pair

        self.bank.add(name, [Pair(path, label.strip()).open() for path, label in pictures])

    def teach_packed(self, name: str, file: Path, question: str = "") -> None:
        """Add what a ZIP holds: sub-folders of pictures named by their labels, or an exported set.

        `question` stands where a picture has none of its own.
        """
        from generators.aim.packed import unpacked

        with unpacked(file, self.settings.max_upload_mb << 20, question) as pairs:
            self.bank.add(name, (pair.open() for pair in pairs))

    def pictures(self, name: str) -> tuple[Artifact, ...]:
        """Every demonstration of a set, in the order they were added."""
        return tuple(self._artifact(name, entry) for entry in self.bank.entries(name))

    def export(self, name: str) -> Path:
        """A set as a ZIP of its pictures and `set.jsonl`, which `triptych aim train` reads once unpacked."""
        with TemporaryDirectory() as folder:
            self.bank.export(name, Path(folder, name))
            packed = Path(make_archive(str(Path(folder, "packed")), "zip", folder, name))
            return self._media.put(packed.read_bytes(), ".zip", name)

    def ask(
        self, name: str, image: Path, question: str, way: Way | None = None, most: int | None = None
    ) -> Demonstrated:
        """Shows `most` of the set, chosen in this `way`; both are in the settings.

        Raises `UserError` for a set there is not, a picture that cannot be read, a server that refuses.
        """
        from generators.aim.data import Pair

        whole(question, "The question")
        picture = Pair(image, "?").open().image
        everyone = self.bank.entries(name)
        if not everyone:
            raise UserError(f"The set {name!r} is empty.", "Add labelled pictures to it.")
        way, most = way or self.settings.demonstrations, most or self.settings.demonstrations_most
        entries = choose(everyone, way, most, picture, question, self._alike)
        shown = tuple(self._artifact(name, entry) for entry in entries)
        if is_served(self.settings.model):
            text, note = self._served(entries, picture, question)
            return Demonstrated(text, shown, note)
        return Demonstrated(self._models.lab.answer(self.bank, entries, picture) or UNSURE, shown, IN_PROCESS)

    def _artifact(self, name: str, entry: Entry) -> Artifact:
        """Its picture outlives its place in the set: an answer keeps what it was drawn from."""
        path = self._media.put(entry.image.read_bytes(), ".png")
        return Artifact(path, "image/png", entry.text, made={"form": DEMONSTRATION, "set": name})

    def _served(self, entries: Sequence[Entry], image: "Image", question: str) -> tuple[str, str]:
        """The answer, and what is to be said of how it was asked for."""
        from generators.aim.serving import Server

        name, url = name_and_url(self.settings.model)
        key, timeout = self.settings.model_api_key.get_secret_value(), self.settings.model_timeout
        server = Server(url, name, key, timeout)
        fused = self.bank.fused(self._models.fuser, entries) if self._models.fuser else []
        asked = server.prepare([entry.open() for entry in entries], fused, self._models.fuser, image, question)
        return "".join(server.stream(asked.messages)).strip(), asked.note


class _Models:
    """Those that run in this process, or fuse where `settings` says, each loaded on first use."""

    def __init__(self, settings: "Settings") -> None:
        self.settings = settings

    @cached_property
    def lab(self) -> "Lab":
        from generators.aim.lab.ask import Lab

        return Lab()

    @cached_property
    def fuser(self) -> "Fuser | RemoteFuser | None":
        """None where no projection is named, here or elsewhere: demonstrations are then shown whole."""
        from generators.aim.fuser import Fuser
        from generators.aim.remote.client import RemoteFuser

        settings = self.settings
        if settings.aim_url:
            key, timeout = settings.model_api_key.get_secret_value(), settings.model_timeout
            return RemoteFuser(settings.aim_url, key, timeout)
        if not settings.aim_projector:
            return None
        if not settings.aim_model:
            raise UserError(
                "A projection is set, but not the model it belongs to.",
                command="Set TRIPTYCH_AIM_MODEL to the folder or name of the served model.",
            )
        return Fuser.load(settings.aim_model, Path(settings.aim_projector), settings.aim_device, settings.aim_precision)
