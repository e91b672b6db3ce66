"""Everything that is fuzzed."""

from tests.fuzz.films import INDEX, MESSAGE, SCAN
from tests.fuzz.recovering import RECOVERY_TEXTS
from tests.fuzz.sealed import READER, RECOVERY, TAIL_SLOT
from tests.fuzz.signed import SIGNED
from tests.fuzz.small import SMALL

TARGETS = (READER, RECOVERY, TAIL_SLOT, MESSAGE, SCAN, INDEX, *SMALL, *SIGNED, *RECOVERY_TEXTS)
