-- What was erased, when and why. A recording that is being erased has an empty wrapped_key.
CREATE TABLE certificate (
    recording TEXT PRIMARY KEY REFERENCES recording (id),
    ground    TEXT NOT NULL,
    was       TEXT NOT NULL, -- the recording's state before
    files     TEXT NOT NULL, -- JSON: [[name, bytes], ...], all there were of it in the media folder
    begun     TEXT NOT NULL,
    key_gone  TEXT, -- when no copy of the sealed key was left in the vault
    completed TEXT, -- when no file was left either
    CHECK (completed IS NULL OR key_gone IS NOT NULL)
) STRICT;

CREATE TRIGGER certificate_is_never_changed BEFORE UPDATE ON certificate
WHEN NEW.recording IS NOT OLD.recording OR NEW.ground IS NOT OLD.ground OR NEW.was IS NOT OLD.was
    OR NEW.files IS NOT OLD.files OR NEW.begun IS NOT OLD.begun
    OR (OLD.key_gone IS NOT NULL AND NEW.key_gone IS NOT OLD.key_gone)
    OR (OLD.completed IS NOT NULL AND NEW.completed IS NOT OLD.completed)
BEGIN SELECT RAISE(ABORT, 'a certificate is never changed'); END;
CREATE TRIGGER certificate_is_never_removed BEFORE DELETE ON certificate
BEGIN SELECT RAISE(ABORT, 'a certificate is never removed'); END;

-- What was erased stays erased, and the parts that a certificate names stay as it names them.
CREATE TRIGGER erased_key_never_comes_back BEFORE UPDATE OF wrapped_key ON recording
WHEN length(NEW.wrapped_key) > 0 AND EXISTS (SELECT 1 FROM certificate WHERE recording = OLD.id)
BEGIN SELECT RAISE(ABORT, 'an erased key never comes back'); END;
CREATE TRIGGER erased_part_is_never_changed BEFORE UPDATE ON part
WHEN EXISTS (SELECT 1 FROM certificate WHERE recording = OLD.recording)
BEGIN SELECT RAISE(ABORT, 'a part of an erased film is never changed'); END;
CREATE TRIGGER erased_part_is_never_removed BEFORE DELETE ON part
WHEN EXISTS (SELECT 1 FROM certificate WHERE recording = OLD.recording)
BEGIN SELECT RAISE(ABORT, 'a part of an erased film is never removed'); END;
