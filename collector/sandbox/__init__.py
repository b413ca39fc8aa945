"""The sandbox: stand-in networks over real HTTP, for rehearsals, tests and benchmarks.

It imports nothing of the program but the domain. How to use it: README.md.
"""

from collector.sandbox.clock import SandboxClock
from collector.sandbox.faults import Fault, FaultPlan
from collector.sandbox.limits import GraphToken, VkToken
from collector.sandbox.model import (
    LIVELY,
    LIVELY_PLAN,
    MIXED_PLAN,
    AccessSpan,
    Behaviour,
    PostFacts,
    PostKind,
    SandboxCommunity,
    Span,
    Truth,
)
from collector.sandbox.server import GRAPH_TOKEN, VK_TOKEN, RecordedRequest, SandboxServer
from collector.sandbox.world import UnknownCommunityError, World

__all__ = [
    "GRAPH_TOKEN",
    "LIVELY",
    "LIVELY_PLAN",
    "MIXED_PLAN",
    "VK_TOKEN",
    "AccessSpan",
    "Behaviour",
    "Fault",
    "FaultPlan",
    "GraphToken",
    "PostFacts",
    "PostKind",
    "RecordedRequest",
    "SandboxClock",
    "SandboxCommunity",
    "SandboxServer",
    "Span",
    "Truth",
    "UnknownCommunityError",
    "VkToken",
    "World",
]
