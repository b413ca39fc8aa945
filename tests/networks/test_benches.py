"""How another package's network joins the contract suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.networks.harness import FacebookBench, VkBench, benches

_SOURCE = """
from tests.networks.harness import VkBench


class SquareBench(VkBench):
    network = "square"
"""


def test_a_bench_is_found_by_its_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "square_network-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: square-network\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[collector.network_benches]\nsquare = square_bench:SquareBench\n")
    (tmp_path / "square_bench.py").write_text(_SOURCE)
    assert benches() == (VkBench, FacebookBench)
    monkeypatch.syspath_prepend(tmp_path)
    assert [bench.network for bench in benches()] == ["vk", "facebook", "square"]
