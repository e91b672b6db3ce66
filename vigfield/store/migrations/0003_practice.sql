-- The practitioner's day: what is known of a family, a diary with rooms, consents that are chained,
-- holds, and what is to be erased.
ALTER TABLE infant RENAME COLUMN birth_month TO born; -- "2025-01" or "2025-01-31"

ALTER TABLE caregiver ADD COLUMN contact TEXT NOT NULL DEFAULT '';
ALTER TABLE caregiver ADD COLUMN responsibility TEXT NOT NULL DEFAULT 'not-asked';
ALTER TABLE caregiver ADD COLUMN language TEXT NOT NULL DEFAULT '';
ALTER TABLE caregiver ADD COLUMN interpreter INTEGER NOT NULL DEFAULT 0;
ALTER TABLE caregiver ADD COLUMN under_16 INTEGER NOT NULL DEFAULT 0;

CREATE TABLE other_person (
    id       TEXT PRIMARY KEY,
    family   TEXT NOT NULL REFERENCES family (id),
    position INTEGER NOT NULL,
    name     TEXT NOT NULL,
    who      TEXT NOT NULL,
    adult    INTEGER NOT NULL,
    UNIQUE (family, position)
) STRICT;

ALTER TABLE family ADD COLUMN referral_source TEXT NOT NULL DEFAULT '';
ALTER TABLE family ADD COLUMN referral_date TEXT;
ALTER TABLE family ADD COLUMN referral_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE family ADD COLUMN helping_question TEXT NOT NULL DEFAULT '';
ALTER TABLE family ADD COLUMN planned_cycles INTEGER NOT NULL DEFAULT 3;
ALTER TABLE family ADD COLUMN ended TEXT;
ALTER TABLE family ADD COLUMN ending TEXT;
ALTER TABLE family ADD COLUMN ending_note TEXT NOT NULL DEFAULT '';
ALTER TABLE family ADD COLUMN court_order TEXT NOT NULL DEFAULT '';
ALTER TABLE family ADD COLUMN local_authority TEXT NOT NULL DEFAULT '';

-- What finding as one types looks through: code and names without capitals and accents, one line a family.
CREATE TABLE family_words (
    family TEXT PRIMARY KEY REFERENCES family (id),
    code   TEXT NOT NULL,
    words  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX family_words_by_code ON family_words (code, family, words);

-- A session may be of no family now: supervision, and what a calendar file brought.
CREATE TABLE session_next (
    id        TEXT PRIMARY KEY,
    family    TEXT REFERENCES family (id),
    kind      TEXT NOT NULL,
    starts    TEXT NOT NULL,
    minutes   INTEGER NOT NULL,
    place     TEXT NOT NULL,
    room      TEXT NOT NULL,
    cycle     INTEGER NOT NULL,
    on_camera TEXT NOT NULL, -- JSON: ids of people
    status    TEXT NOT NULL,
    travel    INTEGER NOT NULL DEFAULT 0, -- minutes each way
    note      TEXT NOT NULL DEFAULT '',
    reason    TEXT NOT NULL DEFAULT '', -- why it was cancelled
    title     TEXT NOT NULL DEFAULT '', -- what a calendar file called it
    uid       TEXT NOT NULL DEFAULT '', -- of the calendar file it came from
    sequence  INTEGER NOT NULL DEFAULT 0,
    CHECK (family IS NOT NULL OR kind IN ('supervision', 'other'))
) STRICT;
INSERT INTO session_next (id, family, kind, starts, minutes, place, room, cycle, on_camera, status)
    SELECT id, family, kind, starts, minutes, place, room, cycle, on_camera, status FROM session;
DROP TABLE session;
ALTER TABLE session_next RENAME TO session;
CREATE INDEX session_by_start ON session (starts, id);
CREATE INDEX session_by_family ON session (family, starts);
CREATE UNIQUE INDEX session_by_uid ON session (uid) WHERE uid <> '';

CREATE TABLE room (
    name TEXT PRIMARY KEY COLLATE NOCASE
) STRICT;
INSERT OR IGNORE INTO room (name) SELECT DISTINCT trim(room) FROM session WHERE place = 'room' AND trim(room) <> '';

-- Rooms that others have: pulled from the service, or from a calendar file of the room.
CREATE TABLE booking (
    uid    TEXT PRIMARY KEY,
    room   TEXT NOT NULL,
    starts TEXT NOT NULL,
    ends   TEXT NOT NULL
) STRICT;
CREATE INDEX booking_by_start ON booking (starts);

-- `shown` is the form as it was on the screen; `digest` binds a version to the one written before it.
ALTER TABLE consent ADD COLUMN interpreter TEXT NOT NULL DEFAULT '';
ALTER TABLE consent ADD COLUMN practitioner TEXT NOT NULL DEFAULT '';
ALTER TABLE consent ADD COLUMN shown TEXT NOT NULL DEFAULT '';
ALTER TABLE consent ADD COLUMN previous TEXT NOT NULL DEFAULT '';
ALTER TABLE consent ADD COLUMN digest TEXT NOT NULL DEFAULT '';
CREATE INDEX consent_by_end ON consent (valid_until);

-- What is half filled in and not signed; the only kind of record that may be thrown away.
CREATE TABLE draft (
    subject TEXT PRIMARY KEY,
    content TEXT NOT NULL, -- JSON
    changed TEXT NOT NULL
) STRICT;

CREATE TABLE hold (
    id            TEXT PRIMARY KEY,
    family        TEXT NOT NULL REFERENCES family (id),
    kind          TEXT NOT NULL,
    reason        TEXT NOT NULL CHECK (reason <> ''),
    begun         TEXT NOT NULL,
    lifted        TEXT,
    lifted_reason TEXT NOT NULL DEFAULT '',
    CHECK (lifted IS NULL OR lifted_reason <> '')
) STRICT;
CREATE UNIQUE INDEX hold_in_force ON hold (family) WHERE lifted IS NULL;
CREATE TRIGGER hold_is_never_removed BEFORE DELETE ON hold
BEGIN SELECT RAISE(ABORT, 'a hold is never removed'); END;

CREATE TABLE due (
    recording TEXT NOT NULL REFERENCES recording (id),
    what      TEXT NOT NULL,
    ground    TEXT NOT NULL,
    asked     TEXT NOT NULL,
    by        TEXT NOT NULL,
    done      TEXT,
    PRIMARY KEY (recording, what)
) STRICT, WITHOUT ROWID;
CREATE INDEX due_open ON due (by) WHERE done IS NULL;

CREATE INDEX event_by_time ON event (at);

-- Films that are kept: by when they were made, for the day by which each is destroyed.
CREATE INDEX recording_kept ON recording (started) WHERE state IN ('whole', 'interrupted', 'empty', 'damaged');
CREATE INDEX family_ended ON family (ended) WHERE ended IS NOT NULL;
