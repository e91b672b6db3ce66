"""Whether something may go by itself over the network that the tablet is on."""

from typing import assert_never

from vigfield.model import Network, Networks


def network_fits(networks: Networks, network: Network) -> bool:
    """Whether a policy's `networks` take this network. No network is never taken."""
    match networks:
        case Networks.ANY:
            return network is not Network.NONE
        case Networks.NOT_METERED:
            return network in (Network.UNMETERED, Network.UNKNOWN)
        case Networks.UNMETERED:
            return network is Network.UNMETERED
        case _:
            assert_never(networks)
