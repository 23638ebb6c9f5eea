"""Models that run in this process: loaded once, on first use, from a folder or a hub repository, safetensors only."""

from threading import Lock
from typing import Any, ClassVar

from common.errors import ModelUnavailable
from generators.core.base import Info, NotConfigured, check_packages


class InProcess:
    """Settings: `model`, a folder or hub repository; `device` ("cpu", "cuda"), empty for the best there is.

    Subclasses say in `_load` how. One conversion runs at a time: `_lock` is theirs to hold.
    """

    info: ClassVar[Info]

    def __init__(self, model: str = "", device: str = "") -> None:
        self._name, self._device = model, device
        self._loaded: Any = None
        self._lock = Lock()

    def check(self) -> None:
        """Raise `MissingExtra` or `NotConfigured`; loads nothing."""
        check_packages(self.info)
        if not self._name:
            cure = f'Set model = "<folder or hub repository>" under [converters.{self.info.name}] in triptych.toml'
            raise NotConfigured(
                f"The converter {self.info.name!r} has no model.", command=f"{cure}: {self.info.needs}."
            )

    def _model(self) -> Any:
        """The loaded model. Call with the lock held. Raises `ModelUnavailable`."""
        if self._loaded is None:
            try:
                self._loaded = self._load(self._name, self._device or best_device())
            except (OSError, ValueError, KeyError, AttributeError) as error:
                reason = str(error).strip().partition("\n")[0][:300] or type(error).__name__
                raise ModelUnavailable(
                    f"The model {self._name!r} cannot be loaded: {reason}", f"It must be {self.info.needs}."
                ) from error
        return self._loaded

    def _load(self, name: str, device: str) -> Any:
        raise NotImplementedError


def best_device() -> str:
    """ "cuda", "mps" or "cpu"."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
