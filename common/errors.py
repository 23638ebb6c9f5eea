"""Errors by audience.

`UserError` is shown as it is: what happened, to what, and the cure. Anything else that is raised is a bug
and is meant to be seen.
"""


class UserError(Exception):
    """Something the user can put right.

    `what` says what happened and to what; `cure` names the command or setting that helps.
    """

    def __init__(self, what: str, cure: str = "") -> None:
        super().__init__(f"{what} {cure}".strip())
        self.what = what
        self.cure = cure


class UnknownName(UserError):
    """A registry was asked for a name it does not hold; the message lists the choices."""


class MissingExtra(UserError):
    """An optional dependency is not installed; the cure is the exact install command."""


class BadDocument(UserError):
    """One file cannot be read. It fails alone: ingestion of the others goes on."""


class CorpusLocked(UserError):
    """Another process holds the embedded corpus open."""


class Damaged(UserError):
    """A file of ours does not hold what was written to it; the cure says what makes it whole again."""


class DiskFull(UserError):
    """There is no room for what has to be written. What was written before is whole."""

    CURE = "Free some space, or set TRIPTYCH_DATA_DIR to another disk; the same command then goes on where it stopped."


class ModelUnavailable(UserError):
    """A language model endpoint is down, slow, or answers with an error."""
