"""The letter to ops: what is wrong, since when, what to do; bounded, and harmless."""

from __future__ import annotations

from datetime import UTC, datetime

from collector.domain.finding import KeptFinding
from collector.notifications.ops import ops
from collector.notifications.rendering import Renderer
from tests.notifications.digest_world import DAY, HOSTILE, NOW, plain


def test_the_letter_to_ops_tells_what_since_when_and_what_to_do() -> None:
    since = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
    letter = ops(
        Renderer(strict=True),
        [
            KeptFinding("token:vk", "vk: the token is refused", "Set another.", since, None),
            KeptFinding("rounds", "no round of collection", "Look at the log.", since, since + DAY),
        ],
        NOW,
    )
    assert letter.subject == "[collector] 1 to see to, 1 over: vk: the token is refused"
    text = plain(letter.text)
    assert "1. vk: the token is refused Since 2026-11-03 09:30 UTC. Set another." in text
    assert "- no round of collection From 2026-11-03 09:30 UTC to 2026-11-04 09:30 UTC." in text


def test_of_hundreds_of_findings_the_letter_to_ops_lists_some() -> None:
    many = [KeptFinding(f"letters:{n}", HOSTILE, HOSTILE, NOW, None) for n in range(743)]
    letter = ops(Renderer(strict=True), many, NOW)
    assert "743 to see to" in letter.subject
    assert "And 693 more" in letter.text
    assert "<script" not in letter.html
