"""The policy in force: the service's while it holds, and the strict default whenever it does not."""

from datetime import datetime

from vigfield import clock
from vigfield.model import Policy
from vigfield.sync.policy import NoPolicy, Unfit, holds


class InForce:
    """Asked at each use, so that a policy that ends or begins while the vault is open does so at once.

    `floor` is the newest moment that the vault knows of: a clock that was put back revives no policy.
    """

    def __init__(self, default: Policy) -> None:
        self.default = default
        self.floor: datetime | None = None
        self.kept: Policy | Unfit = Unfit(NoPolicy.NONE)
        self.highest = 0

    @property
    def policy(self) -> Policy:
        """What holds now."""
        return self.holding(self.kept, self.highest)

    def holding(self, kept: Policy | Unfit, highest: int) -> Policy:
        """What would hold now with another policy kept."""
        return kept if isinstance(kept, Policy) and self._why(kept, highest) is None else self.default

    @property
    def why(self) -> NoPolicy | None:
        """Why the service's policy is not in force; None when it is."""
        return self._why(self.kept, self.highest)

    def _why(self, kept: Policy | Unfit, highest: int) -> NoPolicy | None:
        if isinstance(kept, Unfit):
            return kept.why
        now = clock.now()
        return holds(kept, highest, now if self.floor is None else max(now, self.floor))
