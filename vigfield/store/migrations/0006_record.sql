-- All of the record is told: whose vault it is, and the work with each family, which has its infant's id.
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
