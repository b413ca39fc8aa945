"""Files that people write: the branches file and tables of followers, read strictly and judged in words."""

from collector.branches.claims_csv import Claim, ClaimsFileError, Metric, claimed_number, read_claims_csv
from collector.branches.contest_rules import (
    SHIPPED_RULES,
    ContestRules,
    ContestRulesError,
    load_contest_rules,
    read_contest_rules,
)
from collector.branches.file import BranchesFileError, branches_schema, load_branches
from collector.branches.followers_csv import (
    FollowersFileError,
    FollowersRow,
    FollowersTable,
    read_followers_csv,
)
from collector.branches.mistakes import FileMistakesError, Mistake

__all__ = [
    "SHIPPED_RULES",
    "BranchesFileError",
    "Claim",
    "ClaimsFileError",
    "ContestRules",
    "ContestRulesError",
    "FileMistakesError",
    "FollowersFileError",
    "FollowersRow",
    "FollowersTable",
    "Metric",
    "Mistake",
    "branches_schema",
    "claimed_number",
    "load_branches",
    "load_contest_rules",
    "read_claims_csv",
    "read_contest_rules",
    "read_followers_csv",
]
