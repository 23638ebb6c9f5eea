"""Mails: EML (RFC 5322 and MIME) by Python's own package, Outlook's MSG by python-oxmsg.

Headers that a reader sees, then the body: the HTML where there is some, else the text. Attachments are files of their
own, see `parsers.compound`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.errors import BadDocument
from retrievers.parsers.checks import reading
from retrievers.parsers.containers.archive import Allowance, Member, put
from retrievers.parsers.flow.layout import FlowDocument
from retrievers.parsers.html.document import html_document

if TYPE_CHECKING:
    from email.message import EmailMessage

HEADERS = ("From", "To", "Cc", "Date")
ENDINGS = {"message/rfc822": ".eml", "text/calendar": ".ics"}  # those that `mimetypes` does not tell


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """`headers` are name and value, in the order they are shown. One of `html` and `text` may be empty."""

    subject: str
    headers: tuple[tuple[str, str], ...]
    html: str
    text: str
    attachments: tuple[Attachment, ...]


def read_mail(path: Path) -> Mail:
    """Raises `BadDocument` when it is no mail."""
    return _read_msg(path) if path.suffix.lower() == ".msg" else _read_eml(path)


def open_body(path: Path) -> FlowDocument:
    """The mail without its attachments, which it names."""
    mail = read_mail(path)
    subject = mail.subject or "(no subject)"
    attached = ", ".join(each.name for each in mail.attachments)
    said = [f"{name}: {value}" for name, value in mail.headers if value]
    body = mail.html if mail.html.strip() else paragraphs(mail.text.replace("\r\n", "\n").split("\n\n"))
    end = paragraphs([f"Attached: {attached}"] if attached else [])
    return html_document(path, f"<h1>{escape(subject)}</h1>{paragraphs(said)}{body}{end}", subject)


def paragraphs(texts: Iterable[str]) -> str:
    """Texts as HTML."""
    return "".join(f"<p>{escape(text)}</p>" for text in texts)


def save_attachments(path: Path, folder: Path, allowance: Allowance) -> Iterator[Member]:
    """Those of the mail, each written below `folder` as it is asked for."""
    for number, each in enumerate(read_mail(path).attachments):
        yield put(each.name, each.data, folder, number, allowance)


def _read_eml(path: Path) -> Mail:
    from email import policy
    from email.parser import BytesParser

    with reading(path), path.open("rb") as file:
        message = BytesParser(policy=policy.default).parse(file)
    if not any(message.get(name) for name in (*HEADERS, "Subject", "Message-ID", "Received")):
        raise BadDocument(f"{path.name} has none of the headers of a mail.", "Export it again as EML.")
    html, text = (message.get_body((kind,)) for kind in ("html", "plain"))
    shown = [part for part in (html, text) if part is not None]
    attachments = [part for part in _leaves(message) if not any(part is body for body in shown)]
    return Mail(
        str(message.get("Subject", "")),
        tuple((name, str(message.get(name, ""))) for name in HEADERS),
        _text(html) if html is not None else "",
        _text(text) if text is not None else "",
        tuple(_attachment(part, number) for number, part in enumerate(attachments, start=1)),
    )


def _leaves(message: "EmailMessage") -> Iterator[Any]:
    """Parts that hold content; a forwarded mail is one, whatever it consists of."""
    if message.get_content_maintype() == "multipart":
        for part in message.iter_parts():
            yield from _leaves(part)  # type: ignore[arg-type]
    else:
        yield message


def _text(part: Any) -> str:
    """In the character set that the part names, else as UTF-8; what does not fit it is replaced."""
    data: bytes = part.get_payload(decode=True) or b""
    try:
        return data.decode(part.get_content_charset("utf-8"), errors="replace")
    except LookupError:  # a character set that nobody knows
        return data.decode("utf-8", errors="replace")


def _attachment(part: Any, number: int) -> Attachment:
    import mimetypes

    kind = part.get_content_type()
    ending = ENDINGS.get(kind) or mimetypes.guess_extension(kind) or ""
    name = part.get_filename() or f"attachment {number}{ending}"
    if kind == "message/rfc822":
        return Attachment(name if name.lower().endswith(".eml") else f"{name}.eml", part.get_content().as_bytes())
    return Attachment(name, part.get_payload(decode=True) or b"")


def _read_msg(path: Path) -> Mail:
    from oxmsg import Message

    with reading(path):
        message = Message.load(str(path))
        headers = {name.title(): value for name, value in message.message_headers.items()}
        sent = message.sent_date
        shown = {
            "From": message.sender or "",
            "To": headers.get("To") or ", ".join(_recipient(each) for each in message.recipients),
            "Cc": headers.get("Cc", ""),
            "Date": headers.get("Date") or (sent.isoformat(" ") if sent else ""),
        }
        return Mail(
            message.subject,
            tuple(shown.items()),
            message.html_body or "",
            message.body or "",
            tuple(
                Attachment(each.file_name or f"attachment {number}", each.file_bytes or b"")
                for number, each in enumerate(message.attachments, start=1)
            ),
        )


def _recipient(person: Any) -> str:
    return f"{person.name} <{person.email_address}>" if person.name else str(person.email_address)
