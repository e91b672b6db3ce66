-- Times are text in UTC, "2025-01-31T08:05:00.123000Z", so that they sort; days are "2025-01-31".
-- Columns whose comment says JSON hold a nested value that nothing searches in.

CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE family (
    id    TEXT PRIMARY KEY,
    code  TEXT NOT NULL COLLATE NOCASE UNIQUE,
    added TEXT NOT NULL
) STRICT;

CREATE TABLE infant (
    id          TEXT PRIMARY KEY,
    family      TEXT NOT NULL UNIQUE REFERENCES family (id),
    name        TEXT NOT NULL,
    birth_month TEXT NOT NULL
) STRICT;

CREATE TABLE caregiver (
    id           TEXT PRIMARY KEY,
    family       TEXT NOT NULL REFERENCES family (id),
    position     INTEGER NOT NULL,
    name         TEXT NOT NULL,
    relationship TEXT NOT NULL,
    UNIQUE (family, position)
) STRICT;

CREATE TABLE session (
    id        TEXT PRIMARY KEY,
    family    TEXT NOT NULL REFERENCES family (id),
    kind      TEXT NOT NULL,
    starts    TEXT NOT NULL,
    minutes   INTEGER NOT NULL,
    place     TEXT NOT NULL,
    room      TEXT NOT NULL,
    cycle     INTEGER NOT NULL,
    on_camera TEXT NOT NULL, -- JSON: ids of people
    status    TEXT NOT NULL
) STRICT;
CREATE INDEX session_by_start ON session (starts, id);
CREATE INDEX session_by_family ON session (family, starts);

CREATE TABLE consent (
    id            TEXT NOT NULL,
    version       INTEGER NOT NULL,
    family        TEXT NOT NULL REFERENCES family (id),
    given_by      TEXT NOT NULL,
    footing       TEXT NOT NULL,
    agreed        TEXT NOT NULL, -- JSON: scopes
    on_camera     TEXT NOT NULL, -- JSON: ids of people
    also_present  TEXT NOT NULL,
    sessions      TEXT NOT NULL, -- JSON: ids of sessions
    valid_from    TEXT NOT NULL,
    valid_until   TEXT NOT NULL,
    form          TEXT NOT NULL,
    form_version  TEXT NOT NULL,
    form_language TEXT NOT NULL,
    signature     TEXT NOT NULL, -- JSON: {"strokes": [[[x, y, ms], ...], ...]} or {"name": "..."}
    signed_at     TEXT NOT NULL,
    status        TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;
CREATE INDEX consent_by_family ON consent (family, id, version);

CREATE TRIGGER consent_is_never_changed BEFORE UPDATE ON consent
BEGIN SELECT RAISE(ABORT, 'a consent is never changed'); END;
CREATE TRIGGER consent_is_never_removed BEFORE DELETE ON consent
BEGIN SELECT RAISE(ABORT, 'a consent is never removed'); END;

CREATE TABLE recording (
    id              TEXT PRIMARY KEY,
    session         TEXT NOT NULL REFERENCES session (id),
    family          TEXT NOT NULL REFERENCES family (id),
    consent         TEXT NOT NULL,
    consent_version INTEGER NOT NULL,
    kind            TEXT NOT NULL,
    started         TEXT NOT NULL,
    state           TEXT NOT NULL,
    width           INTEGER NOT NULL,
    height          INTEGER NOT NULL,
    mime            TEXT NOT NULL,
    delivered       INTEGER NOT NULL,
    encoded         INTEGER NOT NULL,
    dropped         INTEGER NOT NULL,
    events          TEXT NOT NULL, -- JSON: [[seconds, what], ...]
    wrapped_key     BLOB NOT NULL,
    FOREIGN KEY (consent, consent_version) REFERENCES consent (id, version)
) STRICT;
CREATE INDEX recording_by_session ON recording (session, started);
CREATE INDEX recording_by_family ON recording (family, started);
CREATE INDEX recording_open ON recording (started) WHERE state = 'open';

CREATE TABLE part (
    recording    TEXT NOT NULL REFERENCES recording (id),
    number       INTEGER NOT NULL,
    state        TEXT NOT NULL,
    bytes        INTEGER NOT NULL,
    sealed_bytes INTEGER NOT NULL,
    sha256       TEXT NOT NULL,
    seconds      REAL NOT NULL,
    frames       INTEGER NOT NULL,
    PRIMARY KEY (recording, number)
) STRICT;

CREATE TABLE outbox (
    kind         TEXT NOT NULL,
    id           TEXT NOT NULL,
    version      INTEGER NOT NULL,
    sent_version INTEGER NOT NULL,
    etag         TEXT NOT NULL,
    delivery     TEXT NOT NULL,
    words        TEXT NOT NULL,
    changed      TEXT NOT NULL,
    PRIMARY KEY (kind, id),
    CHECK (0 <= sent_version AND sent_version <= version),
    CHECK (delivery <> 'sent' OR sent_version = version)
) STRICT;
CREATE INDEX outbox_by_delivery ON outbox (delivery, kind, changed, id);

CREATE TABLE event (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    at      TEXT NOT NULL,
    kind    TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail  TEXT NOT NULL -- JSON: ids, kinds and counts
) STRICT;
CREATE INDEX event_by_subject ON event (subject, seq);

CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;
CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'an event is never removed'); END;
