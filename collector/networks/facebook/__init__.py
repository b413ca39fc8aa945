"""Facebook Pages over the Graph API.

Light to import: whoever only checks addresses does not load an HTTP client.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collector.networks.base import Network, NetworkAdapter, Services
from collector.networks.facebook.address import NAME, parse_address


def open_adapter(options: Mapping[str, Any], services: Services) -> NetworkAdapter:
    """An adapter for the `facebook` section of the settings; see `options.Options` for the keys."""
    from collector.networks.facebook.adapter import FacebookAdapter  # noqa: PLC0415 - loads requests
    from collector.networks.facebook.options import Options  # noqa: PLC0415

    return FacebookAdapter(Options.from_mapping(options), services)


NETWORK = Network(name=NAME, title="Facebook", parse_address=parse_address, open_adapter=open_adapter)
