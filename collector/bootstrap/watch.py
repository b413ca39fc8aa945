"""The watch on the watcher, told how rounds went."""

from __future__ import annotations

from collector.bootstrap.program import Program
from collector.jobs.collect import RoundSummary
from collector.notifications.ping import ping


def ping_after(parts: Program, summary: RoundSummary) -> None:
    """Call the dead man's switch after a round, if one is set.

    A good round read at least one community: line, database and a token were up to it. Where single networks or
    communities fail, ops are told by letter; the switch is for what keeps letters from leaving too. A round in which
    nothing could be read is told as failed. One that was stopped, that another process did, or in which nothing
    was due, says nothing.
    """
    url = parts.settings.ping.url
    if url is None or summary.is_stopped or summary.is_elsewhere or summary.counts.due == 0:
        return
    ping(url.get_secret_value(), parts.settings.ping.timeout, is_good=summary.counts.read > 0)
