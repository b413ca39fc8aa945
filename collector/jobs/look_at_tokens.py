"""The daemon's daily look at its tokens: whether they work, and until when.

One request a token and day, none of a quota; one more just before ops are told that it ends, as it may have been
prolonged; one after each round while it does not work, as that may be over; and one an hour while its network does
not answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from collector.domain.token_watch import TokenState, stage
from collector.networks.base import NetworkAdapter
from storage.store import Store

log = structlog.get_logger(__name__)

_EVERY = timedelta(days=1)
_AGAIN = timedelta(hours=1)


class TokenWatch:
    """Remembers when this process last looked, so that a network which does not answer is not asked at each tick."""

    def __init__(self) -> None:
        self._looked: dict[str, tuple[frozenset[str], datetime]] = {}

    def look(
        self,
        store: Store,
        adapters: Mapping[str, NetworkAdapter],
        token_keys: Mapping[str, Collection[str]],
        now: datetime,
        *,
        is_after_round: bool,
    ) -> bool:
        """Try those tokens whose turn it is; gives whether there were any. Raises StoreError.

        `token_keys`: of all tokens that are set, by network. It is called between two rounds, in their thread;
        `is_after_round`: something was read just now.
        """
        states = store.tokens.states()
        wanted = {(network, key) for network, keys in token_keys.items() for key in keys}
        if any((each.network, each.token_key) not in wanted for each in states):
            store.tokens.keep_only(token_keys)
        has_looked = False
        for network, keys in token_keys.items():
            own = [each for each in states if each.network == network]
            if network in adapters and self._is_due(network, frozenset(keys), own, now, is_after_round):
                self._looked[network] = frozenset(keys), now
                reports = adapters[network].check(is_brief=True)
                store.tokens.keep(reports, now)
                has_looked = True
                for each in reports:
                    log.debug("token looked at", token=f"{network} {each.label}", is_working=each.is_working)
        return has_looked

    def _is_due(
        self,
        network: str,
        keys: frozenset[str],
        states: Sequence[TokenState],
        now: datetime,
        is_after_round: bool,
    ) -> bool:
        if is_after_round and any(not each.is_working for each in states if each.token_key in keys):
            return True
        looked_at, at = self._looked.get(network, (None, now))
        # A look in the future was one by a clock that was ahead.
        if not keys or (looked_at == keys and at <= now < at + _AGAIN):
            return False
        known = {each.token_key: each for each in states}
        return any(key not in known or _is_stale(known[key], now) for key in keys)


def _is_stale(state: TokenState, now: datetime) -> bool:
    age = abs(now - state.checked_at)
    return age >= _EVERY or stage(state.expires_at, now) != stage(state.expires_at, state.checked_at)
