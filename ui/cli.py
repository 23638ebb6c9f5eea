"""The `triptych` command: what can be typed, and how it ends.

Exit codes: 0 done; 1 done, but some files or lines failed, or lost words (`ingest --strict`); 2 nothing could be done,
and why; 130 stopped with Ctrl-C.
Imports nothing heavy: `triptych --help` answers at once.
"""

import argparse
import errno
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from common.arguments import at_least
from common.errors import UserError
from ui import terminal
from ui.commands import aim, corpora, evaluate, feedback, mcp, plan, search, serve, users, watch

# What a system says that does not let us: everything else that it raises is a bug, and meant to be seen.
REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR, errno.EEXIST}
CORPUS = "List, show, make, rename, trim, check or delete corpora."
EVAL = "Measure retrieval, routing or demonstrations on questions of your own."
FIT = "Train a part that ships with weights again."
FEEDBACK = "What people said of answers on the page."
EXAMPLES = """\
examples:
  triptych serve --corpus-from ~/papers         read a folder, then chat about it in the browser
  triptych ingest ~/papers --corpus papers      read a folder (again: only what changed is read)
  triptych ask "How large is the sample?" --corpus papers
  triptych search "sample size" --corpus papers --json
  triptych plan "chart the sales and read me the trend"
  triptych eval retrieval questions.jsonl --corpus papers
  triptych doctor                               what is installed, what is not, and how to get it
"""


def main(argv: Sequence[str] | None = None) -> int:
    words = sys.argv[1:] if argv is None else argv
    arguments = parser(words).parse_args(words)
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
        return code
    except UserError as error:
        terminal.say(f"triptych: {error.what}", error=True)
        for help_line in filter(None, (error.cure, error.command)):
            terminal.say(f"  {help_line}", error=True)
        return 2
    except KeyboardInterrupt:
        terminal.say("\nStopped. What was read so far is kept; the same command goes on from there.", error=True)
        return 130
    except BrokenPipeError:  # the reader (head, less) has seen enough; Python would complain again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.errno not in REFUSED:
            raise
        terminal.say(f"triptych: {error.filename or 'A file'} cannot be used: {error.strerror}.", error=True)
        terminal.say("  Allow it, or keep the data elsewhere: --data-dir, TRIPTYCH_DATA_DIR.", error=True)
        return 2


def parser(words: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The whole grammar. `arguments.run` is the function that carries the command out.

    Of the evaluations only those named in the typed `words` are there: their modules are not loaded for other commands.
    """
    everywhere = argparse.ArgumentParser(add_help=False)
    everywhere.add_argument(
        "--data-dir",
        type=path,
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="where corpora and conversations are kept (default: ~/.triptych)",
    )
    root = argparse.ArgumentParser(
        prog="triptych",
        description="Ask a pile of documents; every answer is traced to the page region it came from.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[everywhere],
    )
    made = root.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
        one = made.add_parser(name, help=words, description=words, parents=[everywhere])
        one.set_defaults(run=run)
        return one

    _serve(command("serve", serve.serve, "Open the chat page."))
    _ingest(command("ingest", serve.ingest, "Read files and folders into a corpus."))
    _watch(command("watch", watch.watch, "Let a corpus follow a folder: what is added, changed and removed there."))
    _search(command("search", search.search, "Find the page regions that match a question."))
    _ask(command("ask", search.ask, "Answer a question, with citations."))
    served = command("mcp", mcp.mcp, "Offer search, answers and pages to another program's model (MCP, over stdio).")
    served.add_argument("--corpus", metavar="NAME", help="corpus that is asked where a call names none")
    _plan(command("plan", plan.plan, "Say what a request would do, without doing it."))
    corpus = made.add_parser("corpus", help=CORPUS, description=CORPUS)
    _corpus(corpus.add_subparsers(title="commands", metavar="COMMAND", required=True), everywhere)
    said = made.add_parser("feedback", help=FEEDBACK, description=FEEDBACK)
    _feedback(said.add_subparsers(title="commands", metavar="COMMAND", required=True), everywhere)
    evaluation = made.add_parser("eval", help=EVAL, description=EVAL)
    evaluate.add(evaluation.add_subparsers(title="evaluations", metavar="WHAT", required=True), everywhere, words)
    fit = made.add_parser("fit", help=FIT, description=FIT)
    evaluate.add_fits(fit.add_subparsers(title="parts", metavar="WHAT", required=True), everywhere, words)
    demonstrations = made.add_parser("aim", help=aim.HELP, description=aim.HELP)
    aim.add(demonstrations.add_subparsers(title="commands", metavar="COMMAND", required=True), everywhere)
    accounts = made.add_parser("user", help=users.HELP, description=users.HELP)
    users.add(accounts.add_subparsers(title="commands", metavar="COMMAND", required=True), everywhere)
    doctor = command("doctor", serve.doctor, "Say what is installed, what is not, and how to get it.")
    doctor.add_argument("--json", action="store_true", help="one JSON list instead of a table")
    return root


def path(text: str) -> Path:
    """Refuses the empty one, which would be the current folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError("a path is empty")
    return Path(text)


def path_or_url(text: str) -> Path | str:
    return text if "://" in text else path(text)


def _serve(one: argparse.ArgumentParser) -> None:
    one.add_argument("--corpus-from", nargs="+", type=path, metavar="PATH", default=[], help="read these")
    one.add_argument("--corpus", metavar="NAME", help="corpus they go to, and that the page opens with")
    one.add_argument("--host", help="address to listen on (default: 127.0.0.1, this machine only)")
    one.add_argument("--port", type=int, help="port to listen on (default: 7860)")
    one.add_argument(
        "--open", action="store_true", default=None, help="let in anyone who reaches it, without a password"
    )
    one.add_argument("--no-browser", action="store_true", help="do not open a browser window")


def _ingest(one: argparse.ArgumentParser) -> None:
    places = "file or folder; https:// page or site map; folder at s3://, gs:// or az://"
    one.add_argument("paths", nargs="+", type=path_or_url, metavar="PATH", help=places)
    one.add_argument("--corpus", metavar="NAME", help="corpus to add to; made if it is new")
    one.add_argument(
        "--most", type=at_least(1), default=100, metavar="N", help="most pages of a site map (default: 100)"
    )
    one.add_argument("--report", type=path, metavar="FILE.json", help="write what became of every page")
    one.add_argument("--prune", action="store_true", help="forget documents whose file is no longer in these folders")
    one.add_argument("--strict", action="store_true", help="exit with 1 when words of a page could not be placed")


def _watch(one: argparse.ArgumentParser) -> None:
    one.add_argument("folder", type=path, metavar="DIR")
    one.add_argument("--corpus", metavar="NAME", help="corpus that follows it; made if it is new")
    one.add_argument(
        "--every", type=at_least(1), default=2, metavar="SECONDS", help="time between two looks (default: 2)"
    )


def _search(one: argparse.ArgumentParser) -> None:
    one.add_argument("question", nargs="?", help="what to look for; may be left out with --image")
    _where(one)
    one.add_argument("--image", type=path, metavar="FILE", help="a picture to look for")
    one.add_argument("--top", type=at_least(1), default=8, metavar="K", help="most hits to show (default: 8)")
    one.add_argument(
        "--queries",
        type=path,
        metavar="FILE.jsonl",
        help='answer a file of {"id", "question", "document"?} lines, one JSON line each',
    )
    one.add_argument("--json", action="store_true", help="one JSON object instead of text")


def _ask(one: argparse.ArgumentParser) -> None:
    one.add_argument("question")
    _where(one)
    one.add_argument("--image", type=path, action="append", default=[], metavar="FILE", help="a picture to ask with")
    one.add_argument("--audio", type=path, action="append", default=[], metavar="FILE", help="a recording to ask with")
    one.add_argument("--json", action="store_true", help="one JSON object instead of text")


def _plan(one: argparse.ArgumentParser) -> None:
    one.add_argument("request", nargs="?", help="what is asked for")
    one.add_argument(
        "--requests", type=path, metavar="FILE.jsonl", help='plan a file of {"id", "request"} lines, one JSON line each'
    )
    one.add_argument("--json", action="store_true", help="one JSON object instead of text")


def _where(one: argparse.ArgumentParser) -> None:
    one.add_argument("--corpus", metavar="NAME", help="corpus to look in")
    one.add_argument(
        "--document", action="append", default=[], metavar="NAME", help="only in this document (may be repeated)"
    )


def _corpus(made: "argparse._SubParsersAction[argparse.ArgumentParser]", everywhere: argparse.ArgumentParser) -> None:
    one = made.add_parser("list", help="Name every corpus.", parents=[everywhere])
    one.set_defaults(run=corpora.list_names)
    one = made.add_parser("show", help="List the documents of a corpus.", parents=[everywhere])
    one.add_argument("name", metavar="NAME")
    one.set_defaults(run=corpora.show)
    one = made.add_parser("create", help="Make a corpus of no documents.", parents=[everywhere])
    one.add_argument("name", metavar="NAME")
    one.set_defaults(run=corpora.create)
    one = made.add_parser("rename", help="Call a corpus by another name.", parents=[everywhere])
    one.add_argument("name", metavar="NAME")
    one.add_argument("new", metavar="NEW")
    one.set_defaults(run=corpora.rename)
    one = made.add_parser("move", help="Copy a corpus to another store, without reading again.", parents=[everywhere])
    one.add_argument("name", metavar="NAME")
    one.add_argument("--to", choices=("server", "edge"), required=True, help="the store, see TRIPTYCH_STORE")
    one.set_defaults(run=corpora.move)
    one = made.add_parser("remove", help="Forget documents of a corpus; their files stay.", parents=[everywhere])
    one.add_argument("name", metavar="NAME")
    one.add_argument("documents", nargs="+", metavar="DOCUMENT", help="as `triptych corpus show` names it")
    one.set_defaults(run=corpora.remove)
    one = made.add_parser("check", help="Look for damage; mend it with --repair.", parents=[everywhere])
    one.set_defaults(run=corpora.check)
    one.add_argument("name", metavar="NAME")
    one.add_argument("--repair", action="store_true", help="read again what is damaged or missing")
    for does, run, words in (
        ("share", corpora.share, "Let users read a corpus, or change it too."),
        ("unshare", corpora.unshare, "Let users see a corpus no more."),
    ):
        one = made.add_parser(does, help=words, description=words, parents=[everywhere])
        one.set_defaults(run=run)
        one.add_argument("name", metavar="NAME")
        one.add_argument("users", nargs="*", metavar="USER", help="as `triptych user list` names them")
        one.add_argument("--all", action="store_true", help="all users there are, and will be")
        if does == "share":
            one.add_argument("--write", action="store_true", help="they may add and remove documents")
    one = made.add_parser("delete", help="Forget a corpus; its source files stay.", parents=[everywhere])
    one.add_argument("name", metavar="NAME")
    one.add_argument("--yes", action="store_true", help="do not ask")
    one.set_defaults(run=corpora.delete)


def _feedback(made: "argparse._SubParsersAction[argparse.ArgumentParser]", everywhere: argparse.ArgumentParser) -> None:
    words = "Write it as JSONL, questions that `triptych eval` reads."
    one = made.add_parser("export", help=words, description=words, parents=[everywhere])
    one.set_defaults(run=feedback.export)
    one.add_argument("--corpus", metavar="NAME", help="only of answers from this corpus")
    one.add_argument("--only", choices=("good", "bad"), help="only of answers that were found so")
    one.add_argument("--out", type=path, metavar="FILE.jsonl", help="write it there")


if __name__ == "__main__":
    sys.exit(main())
