"""The union of the pictures: each branch with a story of its own, so that every state is to be seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from collector.branches import load_branches
from collector.domain.model import Access, Address, BranchDeclaration, BranchKind, Contact, ContactRole, Pause
from collector.sandbox import AccessSpan, Behaviour, SandboxClock, SandboxCommunity, Span, World

ROOT = Path(__file__).parents[2]
BEGINS = datetime(2026, 6, 24, 8, 5, tzinfo=UTC)
"""Before a quarter begins: its contest needs to know the eve of its first day. Five past eleven in Moscow."""
DAYS = 146
ENDS = BEGINS + timedelta(days=DAYS)
"""Tuesday, 17 November 2026: by then the Monday letter has left."""
_LOST = (96, 100)
"""Days on which nothing was read: a gap is to be seen in the charts."""


@dataclass(frozen=True, slots=True)
class Life:
    """How a branch's communities live. Days count from the first round; a network without followers: none there."""

    vk: int | None
    facebook: int | None = None
    posts_every: float = 1.0
    """Days between two posts, on the average."""
    silent: tuple[tuple[float, float], ...] = ()
    closed: tuple[Access, float] | None = None
    """What befalls its VK community for good, and when."""
    growth: float = 0.0008
    reposts: float = 0.1


_FOREVER = 10_000
LIVES = {
    "МГО": Life(2_410, 1_130, 0.4),
    "ВАО": Life(1_084, 512, 0.6, growth=0.0012),
    "ЗелАО": Life(287, 96, 1.7, growth=0.0019),
    "ЗАО": Life(748, 405, 0.9, closed=(Access.CLOSED, 128.0)),
    "СВАО": Life(640, 451, 0.8, silent=((133.3, _FOREVER),), growth=0.0005),
    "СЗАО": Life(402, 340, 1.3, silent=((112.6, _FOREVER),), growth=0.0002),
    "САО": Life(691, 420, 0.7, growth=0.0009, reposts=0.45),
    "ЦАО": Life(356, 270, 1.1, silent=((40.2, 61.4),)),
    "ЮВАО": Life(533, 388, 0.8, growth=0.0016),
    "ЮЗАО": Life(812, 301, 1.0, growth=-0.0003),
    "ЮАО": Life(475, 312, 1.4, silent=((137.1, _FOREVER),)),
    "УГСО": Life(118, 95, 2.5, growth=0.0014),
}
_PRIMARIES = {
    "школа 1205": ("ВАО", "Первичная профсоюзная организация школы № 1205", Life(214, None, 1.8)),
    "школа 338": ("ЮВАО", "Первичная профсоюзная организация школы № 338", Life(143, None, 2.2)),
    "колледж 17": ("ЮАО", "Первичная профсоюзная организация колледжа № 17", Life(326, None, 1.2)),
    "гимназия 1409": ("САО", "Первичная профсоюзная организация гимназии № 1409", Life(187, None, 2.0)),
    "детский сад 54": (
        "ЗелАО",
        "Первичная профсоюзная организация детского сада № 54",
        Life(61, None, 3.0, silent=((118.0, _FOREVER),)),
    ),
    "лицей 90": ("ЗАО", "Первичная профсоюзная организация лицея № 90", Life(None)),
}
WITHHELD = ("vk", "mgo.sandbox.cao")
"""A community that does not tell how many follow it: it has no place in the contest."""
UNREAD = ("facebook", "mgo.sandbox.yuao")
UNREAD_SINCE = ENDS - timedelta(days=4)
"""A Page whose answers make no sense from then on: its branch, which may be silent, is unknown."""
MUTED = ("ЮЗАО", date(2026, 11, 30), "отчётно-выборная конференция, ответственный в отпуске")
ACKNOWLEDGED = "СЗАО"
HOLIDAYS = ("УГСО", Pause(date(2026, 11, 9), date(2026, 11, 22), "осенние каникулы"))


def declarations() -> list[BranchDeclaration]:
    """The branches: those of config/branches.mgo.yaml, and some primary ones."""
    known = [_as_told(each) for each in load_branches(ROOT / "config" / "branches.mgo.yaml")]
    primaries = [
        BranchDeclaration(
            code,
            name,
            BranchKind.PRIMARY,
            parent,
            contacts=(Contact(ContactRole.CHAIR, f"Председатель ППО {code}", f"ppo{number}@example.org"),),
            communities=() if life.vk is None else (_vk(f"mgo.sandbox.ppo{number}"),),
        )
        for number, (code, (parent, name, life)) in enumerate(_PRIMARIES.items(), start=1)
    ]
    return [*known, *primaries]


def world(clock: SandboxClock) -> World:
    """Their communities, in the sandbox."""
    lives = {**LIVES, **{code: life for code, (_, _, life) in _PRIMARIES.items()}}
    return World(
        [
            SandboxCommunity(
                address.network,
                screen_name=address.screen_name,
                title=_title(branch),
                followers_hint=lives[branch.code].vk
                if address.network == "vk"
                else lives[branch.code].facebook,
                behaviour=_behaviour(lives[branch.code], address.network),
            )
            for branch in declarations()
            for address in branch.communities
        ],
        seed=40,
        clock=clock,
    )


def is_lost(day: int) -> bool:
    """Whether the program was away on this day."""
    return _LOST[0] <= day < _LOST[1]


def _as_told(branch: BranchDeclaration) -> BranchDeclaration:
    """With a name that leaves room for the rest of its line; one has holidays."""
    name = branch.name.replace("Территориальная профсоюзная организация", "ТПО")
    name = name.replace(" административного округа города Москвы", " округа")
    return replace(branch, name=name, pauses=(HOLIDAYS[1],) if branch.code == HOLIDAYS[0] else ())


def _vk(name: str) -> Address:
    return Address("vk", None, name, f"https://vk.com/{name}")


def _title(branch: BranchDeclaration) -> str:
    return {
        BranchKind.CITY: "Профсоюз образования Москвы",
        BranchKind.PRIMARY: f"Профсоюз, {branch.code}",
    }.get(branch.kind, f"Профсоюз образования {branch.code}")


def _behaviour(life: Life, network: str) -> Behaviour:
    closed = ()
    if life.closed is not None and network == "vk":
        access, since = life.closed
        closed = (AccessSpan(access, _span(since, _FOREVER)),)
    return Behaviour(
        days_between_posts=life.posts_every if network == "vk" else life.posts_every * 1.5,
        silences=tuple(_span(*each) for each in life.silent),
        closures=closed,
        daily_growth=life.growth if network == "vk" else life.growth / 3,
        repost_share=life.reposts,
        has_pinned_post=True,
    )


def _span(begins: float, ends: float) -> Span:
    return Span(timedelta(days=begins), timedelta(days=ends))
