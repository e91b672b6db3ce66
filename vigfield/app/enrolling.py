"""The service of this vault: taken in once, by a person who compared its number; then its policy, kept."""

import asyncio
import functools
from collections.abc import Callable
from dataclasses import dataclass
from ssl import PROTOCOL_TLS_CLIENT, SSLContext

from vigfield import clock
from vigfield.app.inforce import InForce
from vigfield.app.opened import Opened
from vigfield.seal import DeviceKey, public_key_digest
from vigfield.store import Tx, audit, respelling, settings
from vigfield.store.audit import Happening
from vigfield.sync import FhirClient, Why, enrolment, policy
from vigfield.sync.address import is_here
from vigfield.sync.capability import Capability
from vigfield.sync.enrolment import Anyone, Bearer, Enrolment, NotEnrolled, Smart, Tls
from vigfield.sync.login import Backend, Fixed, Login
from vigfield.sync.policy import NoPolicy
from vigfield.sync.reply import Absent, Failure
from vigfield.sync.trust import trust

SERVICE = "service"

_ENROLMENT = "service-enrolment"
_POLICY = "service-policy"
_HIGHEST = "service-policy-highest"
_DEVICE_KEY = "device-key"


@dataclass(frozen=True, slots=True)
class Reach:
    """How to get through to a service; `local` where it is on this machine itself: no network is needed."""

    base: str
    local: bool
    trust: SSLContext | None = None
    login: Login | None = None


@dataclass(frozen=True, slots=True)
class PolicyNews:
    """What became of asking for the policy: a newer one holds, the same one does, or why there is none."""

    version: int
    trouble: policy.Unfit | Why | None = None

    @property
    def reason(self) -> NoPolicy | None:
        """What was wrong with the policy that came; None when none came, or all was well."""
        return self.trouble.why if isinstance(self.trouble, policy.Unfit) else None


class Enrolling:
    """Everything about whom this vault belongs to. `demo` is the address of the demonstration's service."""

    def __init__(
        self, opened: Opened, inforce: InForce, demo: str | None, changed: Callable[[], None]
    ) -> None:
        self._store = opened.store
        self._demo = demo
        self._changed = changed
        self.inforce = inforce
        self.enrolment: Enrolment | None = None
        self.news: PolicyNews | None = None
        self._key: DeviceKey | None = None
        self._reach: Reach | None = None
        self._made_of: tuple[str | None, Enrolment | None, DeviceKey | None] = (None, None, None)

    async def load(self) -> None:
        """Read what is kept. A text that cannot be read any more counts as none, and is left where it is."""
        await self._store.run(self._load)
        if self.enrolment is not None:
            await asyncio.to_thread(_trust, self.enrolment.tls)

    @property
    def reach(self) -> Reach | None:
        """How to get through to the service; None when there is none."""
        made_of = (self._demo, self.enrolment, self._key)
        if made_of != self._made_of:
            self._reach, self._made_of = _reach(*made_of), made_of
        return self._reach

    async def device(self) -> dict[str, str]:
        """The public half of this tablet's own key, as a JSON Web Key to be registered at the service."""
        self._key = await self._store.run(_device_key)
        return self._key.public

    def look(self, text: str) -> Enrolment | NotEnrolled:
        """What a text would enrol this vault in; nothing is kept."""
        found = enrolment.read(text, clock.now())
        if isinstance(found, NotEnrolled) or self.enrolment is None:
            return found
        return enrolment.may_replace(self.enrolment, found) or found

    async def take(self, text: str) -> Enrolment | NotEnrolled:
        """Enrol this vault, after a person compared the number."""
        found = self.look(text)
        if isinstance(found, NotEnrolled):
            return found

        def keep(tx: Tx) -> DeviceKey:
            settings.put(tx, _ENROLMENT, text)
            audit.append(tx, clock.now(), Happening.SERVICE_ENROLLED, SERVICE)
            return _device_key(tx)

        self._key = await self._store.run(keep)
        self.enrolment = found
        await self.load()
        self._changed()
        return found

    async def capability(self) -> Capability | Failure:
        """What the service's server says that it can do."""
        reach = self.reach
        if reach is None:
            return Failure(Why.AWAY)
        async with FhirClient(reach.base, trust=reach.trust, login=reach.login) as client:
            return await client.capability()

    async def renew(self, client: FhirClient) -> Failure | None:
        """Ask the service for its policy, and why it could not be asked; a newer one holds at once."""
        if self.enrolment is None:
            return None
        text = await client.binary(self.enrolment.policy_id)
        match text:
            case Absent():
                self.news = PolicyNews(self.inforce.highest, policy.Unfit(policy.NoPolicy.NONE))
            case Failure(why):
                self.news = PolicyNews(self.inforce.highest, why)
            case str():
                self.news = await self._taken(self.enrolment, text)
        self._changed()
        return text if isinstance(text, Failure) else None

    async def _taken(self, service: Enrolment, text: str) -> PolicyNews:
        found = policy.read(text, service.service, service.policy_keys)
        highest = self.inforce.highest
        if isinstance(found, policy.Unfit):
            return PolicyNews(highest, found)
        if found.version < highest:
            return PolicyNews(highest, policy.Unfit(policy.NoPolicy.OLDER))
        if found == self.inforce.kept:
            return PolicyNews(highest)

        def keep(tx: Tx) -> None:
            settings.put(tx, _POLICY, text)
            settings.put(tx, _HIGHEST, str(found.version))
            audit.append(tx, clock.now(), Happening.POLICY_TAKEN, SERVICE, version=found.version)
            respelling.under(tx, self.inforce.holding(found, found.version).listed, clock.now())

        await self._store.run(keep)
        self.inforce.kept, self.inforce.highest = found, found.version
        return PolicyNews(found.version)

    def _load(self, tx: Tx) -> None:
        self.inforce.floor = audit.newest(tx)
        text, pem = settings.get(tx, _ENROLMENT), settings.get(tx, _DEVICE_KEY)
        self._key = None if pem is None else DeviceKey(pem)
        kept = None if text is None else enrolment.kept(text)
        self.enrolment = kept if isinstance(kept, Enrolment) else None
        signed = settings.get(tx, _POLICY)
        if signed is None or self.enrolment is None:
            return
        found = policy.read(signed, self.enrolment.service, self.enrolment.policy_keys)
        highest = settings.get(tx, _HIGHEST) or "0"
        self.inforce.kept, self.inforce.highest = found, int(highest)


def _device_key(tx: Tx) -> DeviceKey:
    pem = settings.get(tx, _DEVICE_KEY)
    if pem is not None:
        return DeviceKey(pem)
    made = DeviceKey.make()
    settings.put(tx, _DEVICE_KEY, made.pem)
    return made


def _reach(demo: str | None, service: Enrolment | None, key: DeviceKey | None) -> Reach | None:
    if service is not None:
        local = all(map(is_here, _addresses(service)))
        return Reach(service.fhir, local, _trust(service.tls), _login(service, key))
    return None if demo is None else _demo(demo)


@functools.lru_cache(maxsize=4)
def _trust(tls: Tls) -> SSLContext:
    """Made once: reading the public authorities takes a tenth of a second on a slow tablet."""
    return trust(tls, public_key_digest)


def _demo(base: str) -> Reach:
    """The demonstration's service. On this machine there is no TLS: an empty context trusts nobody."""
    return Reach(base, is_here(base), None if base.startswith("https:") else SSLContext(PROTOCOL_TLS_CLIENT))


def _addresses(service: Enrolment) -> tuple[str, ...]:
    """Where a run goes."""
    auth = service.auth
    return (service.fhir, auth.token_endpoint) if isinstance(auth, Smart) else (service.fhir,)


def _login(service: Enrolment, key: DeviceKey | None) -> Login:
    match service.auth:
        case Smart() as smart if key is not None:
            return Backend(smart, key.pem, key.public["kid"], clock.new_id)
        case Bearer(token):
            return Fixed(token)
        case Anyone() | Smart():
            return Fixed()
