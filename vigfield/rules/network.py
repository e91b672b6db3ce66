"""placeholder"""

from vigfield.model import Network, Networks


def network_fits(networks: Networks, network: Network) -> bool:
    if network is Network.NONE:
        return False
    return networks is Networks.ANY or network is Network.UNMETERED
