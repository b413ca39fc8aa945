"""The program as one installs it: without the extra that Sentry needs."""

from __future__ import annotations

import subprocess
import sys

from tests.cli.running import Collector

_WITHOUT = "import sys; sys.modules['sentry_sdk'] = None; import collector.cli as c; c.main()"
_DSN = "https://plantedSentryKey8888@sentry.example.org/1"


def run(collector: Collector, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command in a process that has no sentry-sdk."""
    return subprocess.run(
        [sys.executable, "-c", _WITHOUT, *arguments],
        cwd=collector.folder,
        env={**collector.environment, **settings},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_it_works_where_no_sentry_is_named(collector: Collector) -> None:
    done = run(collector, "collect")
    assert (done.returncode, done.stderr) == (0, "")


def test_where_one_is_named_it_says_what_is_missing(collector: Collector) -> None:
    done = run(collector, "run", COLLECTOR_SENTRY__DSN=_DSN)
    assert done.returncode == 2
    assert done.stderr == (
        "error: COLLECTOR_SENTRY__DSN is set, but the package sentry-sdk is missing: "
        "pip install 'union-collector[sentry]', or unset COLLECTOR_SENTRY__DSN\n"
    )
    assert (
        "ok    Sentry: its package is there; not tried"
        in collector.run("check", COLLECTOR_SENTRY__DSN=_DSN).stdout
    )
    done = run(collector, "check", COLLECTOR_SENTRY__DSN=_DSN)
    assert done.returncode == 1
    assert "FAIL  Sentry: the package sentry-sdk is missing\n" in done.stdout
    assert "plantedSentryKey8888" not in done.stdout + done.stderr
