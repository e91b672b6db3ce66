"""Every network against every word of a policy: what goes by itself."""

import pytest

from vigfield.model import Network, Networks
from vigfield.rules import network_fits

FITS = {
    Networks.ANY: {Network.UNMETERED, Network.METERED, Network.UNKNOWN},
    Networks.NOT_METERED: {Network.UNMETERED, Network.UNKNOWN},
    Networks.UNMETERED: {Network.UNMETERED},
}


@pytest.mark.parametrize("networks", Networks)
@pytest.mark.parametrize("network", Network)
def test_what_a_policy_takes(networks: Networks, network: Network) -> None:
    assert network_fits(networks, network) is (network in FITS[networks])


def test_no_network_is_never_taken() -> None:
    assert not any(network_fits(networks, Network.NONE) for networks in Networks)
    assert set(FITS) == set(Networks)
