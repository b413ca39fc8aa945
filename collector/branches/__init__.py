"""Files that people write: the branches file and tables of followers, read strictly and judged in words."""

from collector.branches.file import BranchesFileError, branches_schema, load_branches
from collector.branches.followers_csv import (
    FollowersFileError,
    FollowersRow,
    FollowersTable,
    read_followers_csv,
)
from collector.branches.mistakes import FileMistakesError, Mistake

__all__ = [
    "BranchesFileError",
    "FileMistakesError",
    "FollowersFileError",
    "FollowersRow",
    "FollowersTable",
    "Mistake",
    "branches_schema",
    "load_branches",
    "read_followers_csv",
]
