-- Films on their way to the service, still sealed. `sealed_key` is the film's key for the service alone.
CREATE TABLE upload (
    recording  TEXT PRIMARY KEY REFERENCES recording (id),
    state      TEXT NOT NULL,
    policy     INTEGER NOT NULL, -- the version that allowed it
    kid        TEXT NOT NULL,
    sealed_key BLOB NOT NULL,
    base       TEXT NOT NULL,
    begun      TEXT NOT NULL,
    ended      TEXT,
    taken_back TEXT,
    removed    INTEGER NOT NULL DEFAULT 0,
    snag       TEXT, -- why it is stuck
    words      TEXT NOT NULL DEFAULT '', -- the server's own
    CHECK (state <> 'whole' OR ended IS NOT NULL),
    CHECK ((state = 'stuck') = (snag IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX upload_by_state ON upload (state);

CREATE TABLE upload_part (
    recording TEXT NOT NULL REFERENCES upload (recording),
    number    INTEGER NOT NULL,
    location  TEXT NOT NULL DEFAULT '', -- written before a byte goes there
    reached   INTEGER NOT NULL DEFAULT 0,
    arrived   INTEGER NOT NULL DEFAULT 0, -- all of it is there
    verified  INTEGER NOT NULL DEFAULT 0, -- it was read back, and is what was filmed
    PRIMARY KEY (recording, number)
) STRICT, WITHOUT ROWID;
