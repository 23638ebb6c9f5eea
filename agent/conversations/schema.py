"""The tables of conversations, in SQLite and Postgres alike, and how they are asked."""

from common.database import NUMBERED

TABLES = (
    """CREATE TABLE IF NOT EXISTS conversation (
        name TEXT PRIMARY KEY, title TEXT NOT NULL, owner TEXT NOT NULL, pinned INTEGER NOT NULL DEFAULT 0,
        changed DOUBLE PRECISION NOT NULL
    )""",
    f"""CREATE TABLE IF NOT EXISTS turn (
        id {NUMBERED},
        conversation TEXT NOT NULL REFERENCES conversation ON DELETE CASCADE,
        status TEXT NOT NULL, question TEXT NOT NULL, corpus TEXT NOT NULL, files TEXT NOT NULL,
        asked DOUBLE PRECISION NOT NULL,
        report TEXT NOT NULL DEFAULT '', problem TEXT NOT NULL DEFAULT '', partial TEXT NOT NULL DEFAULT '', said TEXT
    )""",
    "CREATE INDEX IF NOT EXISTS turn_of ON turn (conversation, id)",
    """CREATE TABLE IF NOT EXISTS feedback (
        turn BIGINT NOT NULL, asked DOUBLE PRECISION NOT NULL,
        conversation TEXT NOT NULL REFERENCES conversation ON DELETE CASCADE,
        corpus TEXT NOT NULL, said TEXT NOT NULL, given DOUBLE PRECISION NOT NULL, good INTEGER NOT NULL,
        word TEXT NOT NULL, PRIMARY KEY (turn, asked)
    )""",
)
ADDED = {"turn": {"documents": "TEXT NOT NULL DEFAULT '[]'", "words": "TEXT"}}
"""`words` are those of question and answer in small letters, to be searched."""
UNREAD = "CREATE INDEX IF NOT EXISTS unread ON turn (id) WHERE words IS NULL"
"""Finds what an earlier version wrote without reading all."""
LISTED = """
    SELECT name, title, owner, pinned, changed FROM conversation WHERE owner = COALESCE(:owner, owner)
    ORDER BY pinned DESC, changed DESC, name
"""
HOLDING = r"SELECT DISTINCT conversation FROM turn WHERE words LIKE :pattern ESCAPE '\'"
STATES = "SELECT id, asked, status FROM turn WHERE conversation = :name ORDER BY id"
TURNS = """
    SELECT turn.*, given, good, word FROM turn
    LEFT JOIN feedback ON feedback.turn = turn.id AND feedback.asked = turn.asked
    WHERE turn.conversation = :name ORDER BY id
"""
BEGUN = """
    INSERT INTO conversation (name, title, owner, changed) VALUES (:name, :title, :owner, :now)
    ON CONFLICT (name) DO UPDATE SET changed = excluded.changed,
    title = CASE conversation.title WHEN '' THEN excluded.title ELSE conversation.title END
"""
ASKED = """
    INSERT INTO turn ({id} conversation, status, question, corpus, files, asked, documents, words)
    VALUES ({given} :name, 'asked', :question, :corpus, :files, :now, :documents, :words) RETURNING id
"""
ENDED = """
    UPDATE turn SET status = :status, said = :said, problem = :problem, partial = :partial,
    words = words || ' ' || :words WHERE id = :turn AND status = 'asked'
"""
RATED = """
    INSERT INTO feedback (turn, asked, conversation, corpus, said, given, good, word)
    SELECT id, asked, conversation, corpus, said, CAST(:now AS DOUBLE PRECISION), CAST(:good AS INTEGER),
    CAST(:word AS TEXT) FROM turn WHERE id = :turn AND said IS NOT NULL
    ON CONFLICT (turn, asked) DO UPDATE SET
    said = excluded.said, given = excluded.given, good = excluded.good, word = excluded.word
"""
"""An answer that is asked for again has another time: what was said of the one before stays, as a row of its own."""
UNRATED = "DELETE FROM feedback WHERE turn = :turn AND asked = (SELECT asked FROM turn WHERE id = :turn)"
