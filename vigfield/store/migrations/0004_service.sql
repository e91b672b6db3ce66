-- Being certain of the service: what may have arrived there, what it holds instead of ours, what left this
-- tablet, and how far was pulled.
ALTER TABLE outbox ADD COLUMN tried INTEGER NOT NULL DEFAULT 0; -- the newest version that was handed over
ALTER TABLE outbox ADD COLUMN theirs TEXT NOT NULL DEFAULT ''; -- JSON of what the service holds instead
ALTER TABLE outbox ADD COLUMN theirs_etag TEXT NOT NULL DEFAULT '';
UPDATE outbox SET tried = version; -- nobody wrote it down before: each may have arrived

CREATE TABLE handed (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT NOT NULL,
    id           TEXT NOT NULL,
    version      INTEGER NOT NULL,
    text         TEXT NOT NULL, -- JSON, letter by letter as it was handed to the network
    digest       TEXT NOT NULL, -- SHA-256 of it
    first        TEXT NOT NULL,
    last         TEXT NOT NULL,
    acknowledged TEXT,
    UNIQUE (kind, id, version, digest)
) STRICT;
CREATE TRIGGER handed_is_never_removed BEFORE DELETE ON handed
BEGIN SELECT RAISE(ABORT, 'what left is never forgotten'); END;

CREATE TABLE pulled (
    kind  TEXT PRIMARY KEY,
    until TEXT NOT NULL -- the service's own time of the newest that was taken
) STRICT, WITHOUT ROWID;
