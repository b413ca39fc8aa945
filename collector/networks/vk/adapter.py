"""VK's adapter: its tokens, their trial, and the rounds they make."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from collector.domain.errors import FailureKind
from collector.domain.model import CommunityToRead, Outcome, RequestTally, TokenReport
from collector.domain.redaction import Redactor, token_key, token_label
from collector.networks.base import Services
from collector.networks.vk.address import NETWORK_NAME
from collector.networks.vk.checking import check_token
from collector.networks.vk.client import MAX_RAW_CHARS, SharedTally, VkClient
from collector.networks.vk.options import VkOptions
from collector.networks.vk.pacing import Lanes
from collector.networks.vk.reading import Round
from collector.networks.vk.tasks import Context, failure
from collector.networks.vk.tokens import Token

# An execute with 25 walls takes VK seconds: so many seconds' requests may be under way at a time.
_SECONDS_UNDER_WAY = 4
_MAX_LANES = 16

WHAT_TO_SET = "no VK token is set: put one or more, separated by commas, into COLLECTOR_VK__TOKENS"


class VkAdapter:
    """Reads VK communities. `read` and `check` are for one thread at a time; the requests run in others."""

    def __init__(self, options: VkOptions, services: Services) -> None:
        self._options = options
        self._services = services
        self.tally = RequestTally()
        shared_tally = SharedTally(self.tally)
        lanes = min(_MAX_LANES, max(4, math.ceil(options.requests_per_second * _SECONDS_UNDER_WAY)))
        self._tokens = [
            Token(
                VkClient(
                    token,
                    options,
                    services.stop,
                    services.now,
                    shared_tally,
                    lanes,
                    services.on_request,
                ),
                token_label(position, token),
                token_key(token),
                lanes,
            )
            for position, token in enumerate(options.tokens, start=1)
        ]
        redactor = Redactor(options.tokens)
        self._context = Context(options, lambda text: redactor(text[: MAX_RAW_CHARS * 2])[:MAX_RAW_CHARS])
        self._lanes = Lanes(max(1, lanes * len(self._tokens)), "vk")

    def read(self, targets: Iterable[CommunityToRead]) -> Iterator[Outcome]:
        """Read each target: one outcome for each, in any order."""
        if self._tokens:
            return Round(targets, self._tokens, self._lanes, self._context, self._services).outcomes()
        return self._without_token(targets)

    def _without_token(self, targets: Iterable[CommunityToRead]) -> Iterator[Outcome]:
        for target in targets:
            yield failure(target, self._services.now(), FailureKind.NO_TOKEN, WHAT_TO_SET)

    def check(self, *, is_brief: bool = False) -> Sequence[TokenReport]:
        """Try each token with three requests; if brief, with one, and without using up its quota."""
        return [
            replace(
                check_token(NETWORK_NAME, token.label, token.client, is_brief=is_brief), token_key=token.key
            )
            for token in self._tokens
        ]

    def close(self) -> None:
        """Let connections go. Threads that wait for an answer end when it comes, and keep no process alive."""
        self._lanes.close()
        for token in self._tokens:
            token.client.close()
