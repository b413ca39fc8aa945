"""A contest's rules: what a right file gives, and that all that is wrong in one is told with its line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from collector.branches import ContestRulesError, load_contest_rules
from collector.branches.contest_rules import read_contest_rules
from collector.domain.contest import League, LeagueRules, Metric, Weighted
from collector.domain.model import BranchKind
from tests.branches.conftest import NETWORKS

SHIPPED = Path(__file__).parents[2] / "config" / "contest.yaml"
RIGHT = """\
leagues:
  - league: territorial
    title: Лучшее сообщество
    kinds: [territorial]
    metrics:
      - {metric: own_posts, weight: 2}
      - {metric: net_follower_change}
    ties: [own_posts]
    networks: [vk]
    minimum_own_posts: 3
    counts_after_days: 0
    reading_within_days: 5
"""


def mistakes(text: str) -> list[str]:
    with pytest.raises(ContestRulesError) as caught:
        read_contest_rules(text, Path("rules.yaml"), networks=NETWORKS)
    return str(caught.value).splitlines()


def test_a_right_file_gives_what_it_says() -> None:
    rules = read_contest_rules(RIGHT, Path("rules.yaml"), networks=NETWORKS)
    assert rules.text == RIGHT
    assert rules.leagues == {
        League.TERRITORIAL: LeagueRules(
            League.TERRITORIAL,
            "Лучшее сообщество",
            (BranchKind.TERRITORIAL,),
            (Weighted(Metric.OWN_POSTS, 2), Weighted(Metric.NET_FOLLOWER_CHANGE)),
            ties=(Metric.OWN_POSTS,),
            networks=("vk",),
            minimum_own_posts=3,
            counts_after=timedelta(0),
            reading_within=timedelta(days=5),
        )
    }


def test_the_rules_that_are_shipped_are_right_and_name_every_metric() -> None:
    assert set(load_contest_rules(SHIPPED).leagues) == set(League)
    assert all(metric.value in SHIPPED.read_text() for metric in Metric)


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("own_posts, weight", "own_post, weight", "rules.yaml:6: leagues[0].metrics[0].metric: 'own_post' is none of"),
        ("weight: 2", "weight: 0", "rules.yaml:6: leagues[0].metrics[0].weight: 0 is out of bounds; from 1 to 100"),
        ("weight: 2", "weight: 1.5", "rules.yaml:6: leagues[0].metrics[0].weight: '1.5' is no whole number"),
        ("net_follower_change", "own_posts", "rules.yaml:6: leagues[0].metrics: own_posts stands twice"),
        ("ties: [own_posts]", "ties: [engagement_rate]", "rules.yaml:8: leagues[0].ties: engagement_rate is none of"),
        ("kinds: [territorial]", "kinds: []", "rules.yaml:4: leagues[0].kinds: "),
        ("kinds: [territorial]", "kinds: [town]", "rules.yaml:4: leagues[0].kinds[0]: 'town' is none of city,"),
        ("league: territorial", "league: all", "rules.yaml:2: leagues[0].league: 'all' is none of territorial"),
        ("    ties:", "    tie:", "rules.yaml:8: leagues[0]: unknown key 'tie'; did you mean ties?"),
        ("[vk]", "[вк]", "rules.yaml:9: leagues[0].networks: 'вк' is no installed network"),
        ("counts_after_days: 0", "counts_after_days: 400", "rules.yaml:11: leagues[0].counts_after_days: 400 is out"),
        ("    title: Лучшее сообщество\n", "", "rules.yaml:2: leagues[0]: the key title is missing"),
        (RIGHT, "leagues: []\n", "rules.yaml:1: leagues: holds no league"),
        (RIGHT, RIGHT + RIGHT.removeprefix("leagues:\n"), "rules.yaml:13: leagues[1].league: the league territorial"),
        (RIGHT, "", "rules.yaml:1: the file is empty; begin with a line `leagues:`"),
        ("ties: [own", "\tties: [own", "rules.yaml:8: no YAML"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(right: str, wrong: str, told: str) -> None:
    assert right in RIGHT
    found = mistakes(RIGHT.replace(right, wrong))
    assert any(line.startswith(told) for line in found), found


def test_those_that_compete_can_be_named() -> None:
    named = RIGHT.replace("kinds: [territorial]", "kinds: [territorial]\n    branches: [ВАО, САО, ВАО]")
    for text, told in ((named, ("ВАО", "САО")), (RIGHT, ())):
        rules = read_contest_rules(text, Path("rules.yaml"), networks=NETWORKS)
        assert rules.leagues[League.TERRITORIAL].branches == told


def test_all_mistakes_are_told_at_once() -> None:
    wrong = RIGHT.replace("weight: 2", "weight: 0").replace(
        "minimum_own_posts: 3", "minimum_own_posts: viele"
    )
    assert [line.split(":")[1] for line in mistakes(wrong)] == ["6", "10"]


def test_a_metric_of_branches_with_primaries_is_refused_where_there_are_none() -> None:
    wrong = RIGHT.replace("own_posts", "followers_per_primary").replace("[territorial]", "[primary]")
    assert "followers_per_primary is of branches that have primary organisations" in mistakes(wrong)[0]


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(ContestRulesError, match=r"nowhere\.yaml: cannot be read: .*--rules"):
        load_contest_rules(Path("nowhere.yaml"))
