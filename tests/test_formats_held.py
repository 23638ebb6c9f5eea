"""Files that hold other files: mails with attachments, ZIP archives; bounded in depth, number and size."""

import tempfile
import zipfile
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest
from ole_files import write_msg
from openpyxl import Workbook
from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas
from test_parsers import of, parse

from common.errors import BadDocument
from retrievers.ingestion.assemble import Assembler
from retrievers.library import Corpus, Library
from retrievers.parsers import open_document
from retrievers.parsers.containers import archive


def pdf(words: str) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pagesize=letter)
    canvas.drawString(72, 700, words)
    canvas.save()
    return out.getvalue()


def sheet(*rows: tuple[object, ...]) -> bytes:
    book, out = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return out.getvalue()


def mail(subject: str, text: str = "", html: str = "", **files: bytes) -> EmailMessage:
    """Files by name, `_` for the dot."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "Äda <ada@example.org>", "bo@example.org"
    message.set_content(text or "There is an HTML part.")
    if html:
        message.add_alternative(html, subtype="html")
    for name, data in files.items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name.replace("_", "."))
    return message


def write(path: Path, data: "bytes | EmailMessage") -> Path:
    path.write_bytes(data if isinstance(data, bytes) else data.as_bytes())
    return path


def texts(path: Path) -> list[list[str]]:
    return [[block.text for block in page.blocks] for page in parse(path)]


def test_a_mail_is_read_with_its_headers(tmp_path: Path) -> None:
    (page,) = texts(write(tmp_path / "a.eml", mail("Grüße vom Hafen", "Dear Bo,\n\nthe crane is back.")))
    assert page[0] == "Grüße vom Hafen"
    assert page[1:] == ["From: Äda <ada@example.org>", "To: bo@example.org", "Dear Bo,", "the crane is back."]


def test_of_two_bodies_the_html_is_read(tmp_path: Path) -> None:
    html = "<p>Rates:</p><table><tr><td>Pier</td><td>Fee</td></tr><tr><td>A</td><td>12</td></tr></table>"
    (page,) = parse(write(tmp_path / "a.eml", mail("Rates", "not this", html)))
    assert of("table", [page])[0].rows == (("Pier", "Fee"), ("A", "12"))
    assert not any("not this" in block.text for block in page.blocks)


@pytest.mark.parametrize("charset", ["windows-1251", "shift_jis"])
def test_a_mail_says_its_own_character_set(charset: str, tmp_path: Path) -> None:
    words = {"windows-1251": "Привет", "shift_jis": "港の船"}[charset]
    head = f"Subject: x\nFrom: a@b.c\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"
    assert texts(write(tmp_path / "a.eml", head.encode() + words.encode(charset)))[0][-1] == words


def test_attachments_are_sections_read_by_their_own_parsers(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.eml",
        mail(
            "Survey", "See below.", plan_pdf=pdf("The quay is 80 metres."), fees_xlsx=sheet(("Pier", "Fee"), ("A", 9))
        ),
    )
    with open_document(path) as document:
        assembler = Assembler("a.eml", "0", document.title)
        found = [one for number in range(1, document.page_count + 1) for one in assembler.place(document.page(number))]
    (quay,) = [one for one in found if one.kind == "text" and "80 metres" in one.text]
    assert quay.section[0] == "plan.pdf"
    (fees,) = [one for one in found if one.kind == "table"]
    assert fees.section[0] == "fees.xlsx" and fees.rows == (("Pier", "Fee"), ("A", "9"))
    assert [one.page for one in (quay, fees)] == [3, 5]
    parse(path)  # boxes hold on the drawn pages


def test_a_mail_of_outlook(tmp_path: Path) -> None:
    files = {"fees.csv": b"pier,fee\nA,9\n", "plan.pdf": pdf("The quay is 80 metres.")}
    write_msg(tmp_path / "a.msg", "Survey", "Dear Bo,\r\n\r\nsee below.", "Ada", "Bo", files)
    first, *others = texts(tmp_path / "a.msg")
    assert first[:5] == ["Survey", 'From: "Ada" <ada@example.org>', "To: Bo <bo@example.org>", "Dear Bo,", "see below."]
    assert [page[0] for page in others][:3:2] == ["fees.csv", "plan.pdf"]
    assert others[-1] == ["The quay is 80 metres."]


def test_a_forwarded_mail_is_read_with_what_is_attached_to_it(tmp_path: Path) -> None:
    outer = mail("Fwd", "Look.")
    outer.add_attachment(mail("Inner", "The ferry is late.", note_txt=b"Dock at nine."))
    words = [text for page in texts(write(tmp_path / "a.eml", outer)) for text in page]
    assert {"Inner", "The ferry is late.", "Dock at nine."} <= set(words)


def test_an_attachment_that_cannot_be_read_is_noted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.eml", mail("x", "y", plan_pdf=b"%PDF-1.7 torn", clip_mp3=b"x", ok_txt=b"Dock at nine."))
    with open_document(path) as document:
        notes = document.page(1).notes
        assert document.page(document.page_count).blocks[0].text == "Dock at nine."
    assert any(note.startswith("plan.pdf: ") for note in notes)
    assert any(note.startswith("clip.mp3: ") and "with a question" in note for note in notes)


def test_an_attachment_that_brings_its_parser_down_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(path: Path) -> None:
        raise ZeroDivisionError(path.name)

    monkeypatch.setattr("retrievers.parsers.images.open_heic", crash)
    path = write(tmp_path / "a.eml", mail("x", "y", odd_heic=b"x", ok_txt=b"Dock at nine."))
    with open_document(path) as document:
        assert document.page_count == 3
        assert document.page(1).notes == ("odd.heic: it could not be read (ZeroDivisionError: odd.heic)",)


def test_an_archive_is_read_member_by_member(tmp_path: Path) -> None:
    inner = zipped({"deep.txt": b"Dock at ten."})
    path = write(
        tmp_path / "a.zip",
        zipped({"docs/plan.pdf": pdf("The quay is 80 metres."), "in.zip": inner, "__MACOSX/._x.txt": b"x", "x/": b""}),
    )
    pages = texts(path)
    assert pages == [["docs/plan.pdf"], ["The quay is 80 metres."], ["in.zip/deep.txt"], ["Dock at ten."]]


def test_a_web_page_in_an_archive_finds_its_pictures(tmp_path: Path) -> None:
    from test_parsers import encoded, picture

    members = {"site/a.html": b'<p>Chart:</p><img src="p/c.png">', "site/p/c.png": encoded(picture()).getvalue()}
    blocks = [block for page in parse(write(tmp_path / "a.zip", zipped(members))) for block in page.blocks]
    assert [block.kind for block in blocks] == ["heading", "text", "figure", "heading", "figure"]


@pytest.mark.parametrize("name", ["../out.txt", "/tmp/out.txt", "a/../../out.txt", "..\\out.txt"])
def test_names_that_lead_out_are_refused(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", zipped({name: b"outside"}))
    with pytest.raises(BadDocument, match="leads out of it"):
        open_document(path)
    assert not list(tmp_path.rglob("out.txt"))


def test_depth_is_bounded(tmp_path: Path) -> None:
    data = zipped({"seed.txt": b"too deep"})
    for level in range(5):
        data = zipped({f"level{level}.zip": data, f"beside{level}.txt": b"seen"})
    with open_document(write(tmp_path / "a.zip", data)) as document:
        assert any("too deep" in note for note in document.page(1).notes)
        assert document.page_count == 2 * 3


def test_archives_in_an_archive_share_one_allowance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 100_000)
    inner = {f"{number}.zip": zipped({"a.txt": b"word " * 8_000}) for number in range(4)}
    with open_document(write(tmp_path / "a.zip", zipped(inner))) as document:
        assert sum("unpacks to more than" in note for note in document.page(1).notes) == 2


def test_an_archive_that_lies_about_its_sizes_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 100_000)
    data = zipped({"a.txt": b"word " * 100_000})
    path = write(tmp_path / "a.zip", data.replace((500_000).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    with pytest.raises(BadDocument):
        open_document(path)


def test_encrypted_and_empty_archives_say_so(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": b"secret"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(BadDocument, match="encrypted"):
        open_document(write(tmp_path / "a.zip", bytes(data)))
    with pytest.raises(BadDocument, match=r"nothing that can be read.*with a question"):
        open_document(write(tmp_path / "b.zip", zipped({"song.mp3": b"x"})))


def test_text_that_is_no_mail_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDocument, match="headers of a mail"):
        open_document(write(tmp_path / "a.eml", b"just a few words\nand more"))


def test_a_mail_is_ingested_found_and_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    write(tmp_path / "a.eml", mail("Survey", "See below.", plan_pdf=pdf("The quay of Holm is 80 metres long.")))
    with Library(tmp_path / "data").open("c", create=True) as corpus:
        assert not corpus.ingest([tmp_path / "a.eml"]).failed
        best = corpus.search("How long is the quay?", top=1)[0].element
        assert (best.document, best.page) == ("a.eml", 3)
        assert corpus.crop(best).convert("L").getextrema()[0] < 128
    assert not list(scratch.glob("triptych-*"))


def names(folder: Path, corpus: Corpus, prune: bool = False) -> list[str]:
    report = corpus.ingest([folder], prune=prune)
    assert not report.failed
    indexed = sorted({element.document for element in corpus.store.scroll()})
    assert indexed == [record.name for record in corpus.documents()]
    return indexed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "holm"
    folder.mkdir()
    members = {"plan.pdf": pdf("The quay of Holm is 80 metres long."), "text/ferry.txt": b"The ferry leaves at nine."}
    write(folder / "a.zip", zipped({**members, "song.mp3": b"x"}))
    return folder


def test_files_in_an_archive_are_documents_of_their_own(tmp_path: Path, folder: Path) -> None:
    with Library(tmp_path / "data").open("c", create=True) as corpus:
        report = corpus.ingest([folder])
        assert [record.name for record in report.documents] == ["a.zip/plan.pdf", "a.zip/text/ferry.txt"]
        assert [skipped.name for skipped in report.skipped] == ["a.zip/song.mp3"]
        best = corpus.search("How long is the quay?", top=1)[0].element
        assert (best.document, best.page) == ("a.zip/plan.pdf", 1)
        assert corpus.crop(best).convert("L").getextrema()[0] < 128
        assert corpus.ingest([folder]).unchanged == 2


def test_an_archive_that_changes_changes_its_documents(tmp_path: Path, folder: Path) -> None:
    with Library(tmp_path / "data").open("c", create=True) as corpus:
        assert names(folder, corpus) == ["a.zip/plan.pdf", "a.zip/text/ferry.txt"]
        write(folder / "a.zip", zipped({"plan.pdf": pdf("The quay is 95 metres."), "new.md": b"# New\n\nA crane."}))
        report = corpus.ingest([folder])
        assert (report.unchanged, report.missing) == (0, ["a.zip/text/ferry.txt"])
        assert names(folder, corpus, prune=True) == ["a.zip/new.md", "a.zip/plan.pdf"]
        assert "95 metres" in corpus.search("How long is the quay?", top=1)[0].element.text


def test_an_archive_that_is_renamed_or_goes_takes_its_documents_along(tmp_path: Path, folder: Path) -> None:
    with Library(tmp_path / "data").open("c", create=True) as corpus:
        names(folder, corpus)
        (folder / "a.zip").rename(folder / "b.zip")
        assert names(folder, corpus) == ["b.zip/plan.pdf", "b.zip/text/ferry.txt"]
        (folder / "b.zip").unlink()
        assert corpus.ingest([folder]).missing == ["b.zip/plan.pdf", "b.zip/text/ferry.txt"]
        assert names(folder, corpus, prune=True) == []
        assert list((corpus.folder / "unpacked").iterdir()) == []


def test_archives_of_one_name_are_told_apart(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "south").mkdir()
    write(tmp_path / "south" / "a.zip", zipped({"plan.pdf": pdf("The quay of Sund is 12 metres long.")}))
    with Library(tmp_path / "data").open("c", create=True) as corpus:
        corpus.ingest([folder / "a.zip", tmp_path / "south" / "a.zip"])
        found = [record.name for record in corpus.documents()]
    assert found == ["a.zip/plan.pdf", "a.zip/text/ferry.txt", "south/a.zip/plan.pdf"]


def test_an_archive_that_cannot_be_unpacked_fails_alone(tmp_path: Path, folder: Path) -> None:
    write(folder / "bad.zip", zipped({"../out.txt": b"x"}))
    write(folder / "torn.zip", (folder / "a.zip").read_bytes()[:300])
    with Library(tmp_path / "data").open("c", create=True) as corpus:
        report = corpus.ingest([folder])
        assert [record.name for record in report.failed] == ["bad.zip", "torn.zip"]
        assert "leads out of it" in report.failed[0].error
        assert len(report.documents) == 4
