"""VK: its entry point. Nothing heavy is imported before an adapter is opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collector.networks.base import Network, NetworkAdapter, Services
from collector.networks.vk.address import parse_address


def open_adapter(options: Mapping[str, Any], services: Services) -> NetworkAdapter:
    """Make VK's adapter from the section `COLLECTOR_VK__...`; `vk_api` and `requests` are loaded here."""
    from collector.networks.vk.adapter import VkAdapter  # noqa: PLC0415 - takes 0.2 s, and a branches file needs none
    from collector.networks.vk.options import VkOptions  # noqa: PLC0415

    return VkAdapter(VkOptions.of(options), services)


NETWORK = Network(name="vk", title="VK", parse_address=parse_address, open_adapter=open_adapter)
