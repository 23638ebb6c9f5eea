"""A writer of OLE compound files (MS-CFB), in which old office files and Outlook's mails lie."""

import struct
from itertools import count, pairwise
from pathlib import Path

SECTOR, MINI, CUTOFF = 512, 64, 4096
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
Tree = dict[str, "bytes | Tree"]


def write_ole(path: Path, tree: Tree) -> None:
    """`tree` holds streams (bytes) and storages (trees) by name. At most some 60 KB, so that one FAT sector does."""
    entries: list[list] = []  # name, kind, right sibling, child, start, size
    data, mini, fat, minifat = bytearray(), bytearray(), [], []

    def chain(table: list[int], sectors: int) -> int:
        start = len(table)
        table.extend(range(start + 1, start + sectors))
        table.extend([END] if sectors else [])
        return start if sectors else END

    def store(content: bytes) -> int:
        sectors = -(-len(content) // SECTOR)
        data.extend(content.ljust(sectors * SECTOR, b"\0"))
        return chain(fat, sectors)

    def add(name: str, content: "bytes | Tree") -> int:
        entry = [name, 2 if isinstance(content, bytes) else 1, FREE, FREE, 0, 0]
        entries.append(entry)
        place = len(entries) - 1
        if isinstance(content, dict):
            entry[3] = add_all(content)
        elif len(content) >= CUTOFF:
            entry[4:] = [store(content), len(content)]
        else:
            sectors = -(-len(content) // MINI)
            mini.extend(content.ljust(sectors * MINI, b"\0"))
            entry[4:] = [chain(minifat, sectors), len(content)]
        return place

    def add_all(children: Tree) -> int:
        places = [add(name, content) for name, content in children.items()]
        for place, following in pairwise(places):
            entries[place][2] = following
        return places[0] if places else FREE

    entries.append(["Root Entry", 5, FREE, FREE, END, 0])
    entries[0][3] = add_all(tree)
    if mini:
        entries[0][4:] = [store(bytes(mini)), len(mini)]
    directory = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBBIII", 2 * len(name) + 2, kind, 1, FREE, right, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
        for name, kind, right, child, start, size in entries
    )
    directory_at = store(directory)
    minifat_at = store(struct.pack(f"<{len(minifat)}I", *minifat).ljust(SECTOR, b"\xff")) if minifat else END
    fat_at = len(fat)
    fat.append(FAT)
    assert len(fat) <= SECTOR // 4
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIIII", 0, 1, directory_at, 0, CUTOFF, minifat_at, int(bool(minifat)), END, 0, fat_at)
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(SECTOR, b"\xff")
    path.write_bytes(header.ljust(SECTOR, b"\xff") + bytes(data) + table)


Area = tuple[int, int, int, int]  # first row, last row, first column, last column, from 0


def write_xls(
    path: Path,
    name: str,
    rows: list[list[str | float]],
    hidden: bool = False,
    merged: tuple[Area, ...] = (),
    hidden_rows: tuple[int, ...] = (),
) -> None:
    """A workbook of one sheet (BIFF8: BOUNDSHEET, ROW, LABEL, NUMBER and MERGEDCELLS records); rows count from 0."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def begin(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 1997, 0, 0))

    cells = b""
    for row, values in enumerate(rows):
        options = 0x0120 if row in hidden_rows else 0x0100
        cells += record(0x0208, struct.pack("<HHHHHHHH", row, 0, len(values), 255, 0, 0, options, 15))
        for column, value in enumerate(values):
            place = struct.pack("<HHH", row, column, 0)
            if isinstance(value, str):
                text = value.encode("utf-16-le")
                cells += record(0x0204, place + struct.pack("<HB", len(value), 1) + text)
            else:
                cells += record(0x0203, place + struct.pack("<d", value))
    ranges = struct.pack("<H", len(merged)) + b"".join(struct.pack("<HHHH", *area) for area in merged)
    sheet = begin(0x0010) + cells + record(0x00E5, ranges) + record(0x000A, b"")
    bound = struct.pack("<BBBB", hidden, 0, len(name), 0) + name.encode("latin-1")
    offset = len(begin(5)) + 4 + 4 + len(bound) + 4
    book = begin(5) + record(0x0085, struct.pack("<I", offset) + bound) + record(0x000A, b"") + sheet
    write_ole(path, {"Workbook": book.ljust(CUTOFF, b"\0")})


TEXT, BINARY, NUMBER = 0x001F, 0x0102, 0x0003


def _properties(values: dict[int, tuple[int, "str | bytes | int"]], header: bytes) -> Tree:
    """MS-OXMSG: fixed properties in one stream, the others each in a stream of its own."""
    streams: Tree = {}
    listed = b""
    for tag, (kind, value) in values.items():
        if isinstance(value, int):
            listed += struct.pack("<HHIII", kind, tag, 6, value, 0)
            continue
        data = value.encode("utf-16-le") if isinstance(value, str) else value
        streams[f"__substg1.0_{tag:04X}{kind:04X}"] = data
        listed += struct.pack("<HHIII", kind, tag, 6, len(data) + (2 if kind == TEXT else 0), 0)
    return {"__properties_version1.0": header + listed, **streams}


def write_msg(path: Path, subject: str, body: str, sender: str, to: str, files: dict[str, bytes]) -> None:
    """A mail of Outlook with attachments."""
    numbers = count()
    message = {0x001A: (TEXT, "IPM.Note"), 0x0037: (TEXT, subject), 0x1000: (TEXT, body), 0x0C1A: (TEXT, sender)}
    message |= {0x0C1F: (TEXT, f"{sender.lower()}@example.org"), 0x340D: (NUMBER, 0x40000)}
    tree = _properties(message, bytes(8) + struct.pack("<IIII", 1, len(files), 1, len(files)) + bytes(8))
    tree["__recip_version1.0_#00000000"] = _properties(
        {0x3001: (TEXT, to), 0x3003: (TEXT, f"{to.lower()}@example.org"), 0x39FE: (TEXT, f"{to.lower()}@example.org")},
        bytes(8),
    )
    for name, data in files.items():
        attached = {0x3707: (TEXT, name), 0x3701: (BINARY, data), 0x3705: (NUMBER, 1)}
        tree[f"__attach_version1.0_#{next(numbers):08X}"] = _properties(attached, bytes(8))
    tree["__nameid_version1.0"] = {
        "__substg1.0_00020102": b"",
        "__substg1.0_00030102": b"",
        "__substg1.0_00040102": b"",
    }
    write_ole(path, tree)
