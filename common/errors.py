"""Errors by audience.

`UserError` is shown as it is: what happened, to what, and the cure. Anything else that is raised is a bug
and is meant to be seen.
"""


class UserError(Exception):
    """Something the user can put right.

    `what` says what happened and to what; `cure` what helps. A `command` that helps is told to who can type one, and
    to no visitor of the page.
    """

    def __init__(self, what: str, cure: str = "", command: str = "") -> None:
        self.words = f"{what} {cure}".strip()
        super().__init__(f"{self.words} {command}".strip())
        self.what = what
        self.cure = cure
        self.command = command


class UnknownName(UserError):
    """A registry was asked for a name it does not hold; the message lists the choices."""


class MissingExtra(UserError):
    """An optional dependency is not installed; the cure is the exact install command."""


class BadDocument(UserError):
    """One file cannot be read. It fails alone: ingestion of the others goes on."""


class CorpusLocked(UserError):
    """Another process holds the embedded corpus open."""


class Damaged(UserError):
    """A file of ours does not hold what was written to it; the command makes it whole again."""

    def __init__(self, what: str, command: str = "") -> None:
        super().__init__(what, command=command)


class DiskFull(UserError):
    """There is no room for what has to be written. What was written before is whole."""

    CURE = "Free some space, or set TRIPTYCH_DATA_DIR to another disk; the same command then goes on where it stopped."


class ModelUnavailable(UserError):
    """A language model endpoint is down, slow, or answers with an error."""
