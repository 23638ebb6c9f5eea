"""The tables of conversations, and how a file of an earlier version is brought up to them."""

import sqlite3

_TABLES = """
    PRAGMA foreign_keys = ON;
    PRAGMA secure_delete = ON;
    CREATE TABLE IF NOT EXISTS conversation (
        name TEXT PRIMARY KEY, title TEXT NOT NULL, owner TEXT NOT NULL, pinned INTEGER NOT NULL DEFAULT 0,
        changed REAL NOT NULL
    );
    CREATE TABLE IF NOT EXISTS turn (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        conversation TEXT NOT NULL REFERENCES conversation ON DELETE CASCADE,
        status TEXT NOT NULL, question TEXT NOT NULL, corpus TEXT NOT NULL, files TEXT NOT NULL, asked REAL NOT NULL,
        report TEXT NOT NULL DEFAULT '', problem TEXT NOT NULL DEFAULT '', partial TEXT NOT NULL DEFAULT '', said TEXT,
        documents TEXT NOT NULL DEFAULT '[]'
    );
    CREATE INDEX IF NOT EXISTS turn_of ON turn (conversation, id);
    CREATE TABLE IF NOT EXISTS feedback (
        turn INTEGER NOT NULL, asked REAL NOT NULL,
        conversation TEXT NOT NULL REFERENCES conversation ON DELETE CASCADE,
        corpus TEXT NOT NULL, said TEXT NOT NULL, given REAL NOT NULL, good INTEGER NOT NULL, word TEXT NOT NULL,
        PRIMARY KEY (turn, asked)
    );
"""
FOUND = """
    SELECT name, title, owner, pinned, changed FROM conversation
    WHERE (:owner IS NULL OR owner = :owner) AND (
        instr(folded(title), folded(:search)) OR EXISTS (
            SELECT 1 FROM turn WHERE conversation = name
            AND instr(folded(question || ' ' || ifnull(json_extract(said, '$.text'), '')), folded(:search))
        )
    )
    ORDER BY pinned DESC, changed DESC, name
"""
TURNS = """
    SELECT turn.*, given, good, word FROM turn
    LEFT JOIN feedback ON feedback.turn = turn.id AND feedback.asked = turn.asked
    WHERE turn.conversation = ? ORDER BY id
"""
RATED = """
    INSERT OR REPLACE INTO feedback (turn, asked, conversation, corpus, said, given, good, word)
    SELECT id, asked, conversation, corpus, said, :now, :good, :word FROM turn WHERE id = :turn AND said IS NOT NULL
"""
"""An answer that is asked for again has another time: what was said of the one before stays, as a row of its own."""


def create(file: sqlite3.Connection) -> None:
    file.row_factory = sqlite3.Row
    file.create_function("folded", 1, str.casefold, deterministic=True)
    file.executescript(_TABLES)
    if "documents" not in {column["name"] for column in file.execute("PRAGMA table_info(turn)")}:
        file.execute("ALTER TABLE turn ADD COLUMN documents TEXT NOT NULL DEFAULT '[]'")
