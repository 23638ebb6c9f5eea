"""Errors by audience.

`UserError` is shown as it is: what happened, to what, and the cure. Anything else that is raised is a bug
and is meant to be seen.
"""

import logging

_log = logging.getLogger("triptych")


class UserError(Exception):
    """Something the user can put right.

    `what` says what happened and to what; `cure` what helps whoever asked. `command` is what helps for whoever runs
    Triptych, who can type it or set it: it is told on the command line, by the API and in the log, and to no visitor of
    the page. `words` are what a visitor reads; the error as a text says all of it.
    """

    def __init__(self, what: str, cure: str = "", command: str = "") -> None:
        self.words = f"{what} {cure}".strip()
        super().__init__(f"{self.words} {command}".strip())
        self.what = what
        self.cure = cure
        self.command = command

    def advise(self, about: str) -> None:
        """Logs its command, if it has one, for whoever runs Triptych: others are told the rest."""
        if self.command:
            _log.warning("%s: %s", about, self)


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

    COMMAND = (
        "Free some space, or set TRIPTYCH_DATA_DIR to another disk; the same command then goes on where it stopped."
    )


class ModelUnavailable(UserError):
    """A language model endpoint is down, slow, or answers with an error."""
