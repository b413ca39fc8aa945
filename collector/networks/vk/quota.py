"""The day's wall reads of each token: reserved before a request, given back if none was made."""

from __future__ import annotations

from collector.networks.base import Services
from collector.networks.vk.address import NETWORK_NAME
from collector.networks.vk.tasks import Task
from collector.networks.vk.tokens import TokenRound
from collector.networks.vk.walls import WALL_GET


class WallQuota:
    """What a round uses of it. For the thread that iterates: the ledger may be a database's session."""

    def __init__(self, limit: int, services: Services) -> None:
        """`limit`: wall reads in 24 hours, for each token."""
        self._limit = limit
        self._services = services

    def reserve(self, token: TokenRound, wanted: int) -> int:
        """So many reads, or as many as are left: gives how many."""
        services = self._services
        return services.quota.take(
            NETWORK_NAME, token.token.key, WALL_GET, wanted, self._limit, services.now()
        )

    def give_back(self, task: Task) -> None:
        """What a request that was not made, or read nothing, would have used."""
        if task.token is not None and task.walls:
            self._services.quota.give_back(
                NETWORK_NAME, task.token.token.key, WALL_GET, len(task.walls), self._services.now()
            )

    def count_repeats(self, task: Task, sent: int) -> None:
        """Each further attempt may have been counted by VK as the first was."""
        if task.token is not None and task.walls and sent > 1:
            self.reserve(task.token, (sent - 1) * len(task.walls))
