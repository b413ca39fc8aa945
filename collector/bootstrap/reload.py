"""Settings, tokens and branches that change while the program runs: taken up without a restart.

Asked for by SIGHUP, or by a secret's file that is another one. A mistake leaves all as it was; the log tells, and ops
are told.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import structlog

from collector import logs
from collector.bootstrap.delivery import require_usable_mail
from collector.bootstrap.program import Program, open_adapter
from collector.bootstrap.secret_files import SecretFiles
from collector.domain.errors import CollectorError
from collector.domain.finding import RELOAD, Finding
from collector.networks.base import NetworkAdapter
from collector.settings import Settings, load_settings, secret_files
from collector.settings_changes import changes
from storage.errors import StoreError

log = structlog.get_logger(__name__)

Adapters = dict[str, NetworkAdapter]
_SETTINGS, _BRANCHES = "settings", "branches"


class Reloader:
    """Called by one thread, between rounds, since no adapter may be exchanged in the middle of one."""

    def __init__(self, parts: Program, asked: threading.Event, branches: Path | None = None) -> None:
        """`asked`: set by SIGHUP. `branches`: the branches file that the command line names."""
        self._parts = parts
        self._asked = asked
        self._branches = branches
        self._wants_settings = self._wants_branches = False
        self._files = SecretFiles(secret_files())
        self._problems: dict[str, Finding] = {}

    def findings(self) -> tuple[Finding, ...]:
        """What could not be taken up, for ops, while it lasts."""
        return tuple(self._problems.values())

    def run(self, adapters: Adapters) -> bool:
        """Take up what changed; gives whether there was anything to be judged or told anew. Raises StoreError.

        What a database that is away keeps from being done is done at the next call.
        """
        if self._asked.is_set():
            self._asked.clear()
            self._wants_settings = self._wants_branches = True
        is_file_new = self._files.have_changed()
        has_news = False
        if self._wants_settings or is_file_new:
            only = None if self._wants_settings else frozenset(self._files.paths)
            has_news = self._take_up_settings(adapters, only)
            self._wants_settings = False
            self._files.take(secret_files())
        if self._wants_branches:
            self._take_up_branches()
            self._wants_branches = False
            has_news = True
        return has_news

    def run_without_networks(self) -> None:
        """The same for a process that serves pages alone: settings, when it was asked."""
        if self._asked.is_set():
            self._asked.clear()
            self._take_up_settings({}, None)

    def _take_up_settings(self, adapters: Adapters, only: frozenset[str] | None) -> bool:
        parts = self._parts
        try:
            new = load_settings()
            # Before anything uses them; those of before may still be told by what is under way.
            parts.redact.learn(new.secrets())
            found = changes(parts.settings, new, only)
            require_usable_mail(found.settings.smtp)
        except CollectorError as error:
            return self._problem(
                _SETTINGS,
                f"settings that were read again cannot be used, so those of before hold: {error}",
                "Correct them; a secret's file is looked at by itself, for the rest send SIGHUP again.",
            )
        had_problems = bool(self._problems)
        # What is wrong with the branches file, only that file can mend.
        self._problems = {key: each for key, each in self._problems.items() if key == _BRANCHES}
        settings = self._with_networks(found.settings, adapters)
        is_other = settings != parts.settings
        parts.settings = settings
        logs.set_level(settings.log.level)
        if found.needs_restart:
            log.warning("settings that changed need a restart", settings=list(found.needs_restart))
        if is_other:
            log.info("settings taken up", settings=list(found.taken_up))
        elif only is None:
            log.info("settings read again; none that can be taken up has changed")
        if adapters:
            parts.take_up_settings()
        return is_other or had_problems or bool(self._problems)

    def _with_networks(self, new: Settings, adapters: Adapters) -> Settings:
        """These settings, but of each network whose new token does not work its section of before."""
        old, parts = self._parts.settings, self._parts
        for name in list(adapters):
            if new.network_options(name) == old.network_options(name):
                continue
            why = ""
            opened: NetworkAdapter | None = None
            try:
                opened = open_adapter(name, new, parts.store, parts.now, parts.stop, parts.on_request)
                why = self._why_refused(name, opened)
            except StoreError:
                if opened is not None:
                    opened.close()
                raise
            except CollectorError as error:
                why = str(error)
            except Exception as error:
                # A bug, perhaps of another package: met at each tick, it would keep all networks from being read.
                log.exception("a network cannot use what was set anew", network=name)
                why = f"an error that was not foreseen ({type(error).__name__}); see the log"
            if opened is None or why:
                if opened is not None:
                    opened.close()
                new = _with_section_of(old, new, name)
                self._problem(
                    name,
                    f"{name}: what was set anew does not work, so the token of before is used: {why}",
                    "Put a token that works into the setting or its file; `collector check` tries it.",
                )
                continue
            adapters[name].close()
            adapters[name] = opened
        return new

    def _why_refused(self, name: str, opened: NetworkAdapter) -> str:
        """What the network says against a token that was not there before; empty: nothing, or it does not answer."""
        reports = opened.check(is_brief=True)
        known = {each.token_key for each in self._parts.store.tokens.states() if each.network == name}
        refused = [each for each in reports if each.is_working is False and each.token_key not in known]
        if not refused:
            self._parts.store.tokens.keep(reports, self._parts.now())
        return "; ".join(f"token {each.label}: {each.advice or 'it is refused'}" for each in refused)

    def _take_up_branches(self) -> None:
        try:
            report = self._parts.sync_branches(self._branches)
        except StoreError:
            raise
        except CollectorError as error:
            self._problem(
                _BRANCHES,
                f"the branches file that was read again cannot be used, so the branches of before hold: {error}",
                "Correct it, and send SIGHUP again, or run `collector branches sync`.",
            )
            return
        self._problems.pop(_BRANCHES, None)
        if report is not None:
            log.info(
                "branches read again",
                **{name: len(getattr(report, name)) for name in ("added", "changed", "retired")},
            )

    def _problem(self, key: str, what: str, advice: str) -> bool:
        log.error("not taken up", what=what, to_do=advice)
        is_new = key not in self._problems
        self._problems[key] = Finding(f"{RELOAD}{key}", self._parts.redact(what), advice)
        return is_new


def _with_section_of(old: Settings, new: Settings, name: str) -> Settings:
    if name in type(new).model_fields:
        return new.model_copy(update={name: getattr(old, name)})
    key = name.lower().replace("-", "_")
    others: Mapping[str, object] = {other: value for other, value in new.networks.items() if other != key}
    own = {key: old.networks[key]} if key in old.networks else {}
    return new.model_copy(update={"networks": {**others, **own}})
