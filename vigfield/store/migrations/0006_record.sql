-- All of the record is told: whose vault it is; the work with each family, which has its infant's id; supervision;
-- pictures; and what happens.
INSERT INTO setting (key, value) VALUES ('practitioner.id', lower(hex(randomblob(16))));

INSERT INTO outbox (kind, id, version, sent_version, etag, delivery, words, changed)
    SELECT 'practitioner', value, 1, 0, '', 'waiting', '', strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')
    FROM setting WHERE key = 'practitioner.id';
INSERT INTO outbox (kind, id, version, sent_version, etag, delivery, words, changed)
    SELECT 'episode', id, 1, 0, '', 'waiting', '', strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') FROM infant;

-- Supervision, and what else the practitioner planned; what a calendar file brought may be private.
INSERT INTO outbox (kind, id, version, sent_version, etag, delivery, words, changed)
    SELECT 'session', id, 1, 0, '', 'waiting', '', strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') FROM session
    WHERE family IS NULL AND (uid = '' OR kind <> 'other');
-- One of these that took place stood here as a visit, which is a family's: it could not be sent.
DELETE FROM outbox WHERE kind = 'visit' AND id IN (SELECT id FROM session WHERE family IS NULL);

-- A visit names the practitioner, the work that it is a part of, and its cycle now.
UPDATE outbox SET version = version + 1, delivery = 'waiting' WHERE kind = 'visit' AND delivery = 'sent';

-- Pictures kept from films: what was known of them so far is what happened.
CREATE TABLE still (
    id        TEXT PRIMARY KEY,
    recording TEXT NOT NULL REFERENCES recording (id),
    number    INTEGER NOT NULL,
    kept      TEXT NOT NULL,
    removed   TEXT
) STRICT;
CREATE INDEX still_by_recording ON still (recording, number);
INSERT INTO still (id, recording, number, kept, removed)
    SELECT lower(hex(randomblob(16))), subject, json_extract(detail, '$.number'), at, NULL FROM event AS one
    WHERE kind = 'still-kept' AND EXISTS (SELECT 1 FROM recording WHERE id = subject)
    AND NOT EXISTS (
        SELECT 1 FROM event AS later WHERE later.subject = one.subject AND later.seq > one.seq
        AND (later.kind = 'erasing-began' OR later.kind = 'still-removed'
            AND json_extract(later.detail, '$.number') = json_extract(one.detail, '$.number'))
    );
INSERT INTO outbox (kind, id, version, sent_version, etag, delivery, words, changed)
    SELECT 'still', id, 1, 0, '', 'waiting', '', strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') FROM still;

-- What happens from now on is told, each entry under an id of its own; what happened before has none.
ALTER TABLE event ADD COLUMN id TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX event_by_id ON event (id) WHERE id <> '';

-- The log is long: what is counted and listed for a person is counted and listed without it.
CREATE INDEX outbox_record ON outbox (delivery, kind) WHERE kind <> 'event';
CREATE INDEX outbox_newest ON outbox (changed, kind, id) WHERE kind <> 'event';
CREATE INDEX outbox_log ON outbox (delivery, kind) WHERE kind = 'event';
CREATE INDEX handed_record ON handed (seq, kind) WHERE kind <> 'event';
CREATE INDEX handed_log ON handed (seq, kind) WHERE kind = 'event';
