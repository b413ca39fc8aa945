"""What to do about each kind of failure, for ops and whoever keeps the branches file."""

from __future__ import annotations

from collector.domain.errors import FailureKind

_ADVICE = {
    FailureKind.TEMPORARY: "nothing now: it is tried again; if it lasts, check the network's state and the proxy",
    FailureKind.RATE_LIMITED: "nothing now: it is tried again after the pause that the network asked for",
    FailureKind.QUOTA_SPENT: "nothing now, or add a token: the quota frees itself over 24 hours",
    FailureKind.CLOCK_WRONG: "set this machine's clock right (NTP); until then nothing is stored and no letter leaves",
    FailureKind.INTERRUPTED: "nothing: it stays due",
    FailureKind.NO_TOKEN: "set the token named; the README says how to get one",
    FailureKind.TOKEN_REFUSED: "make a new token and set it in the old one's place; `collector check` tries it",
    FailureKind.TOKEN_WRONG_KIND: "set a token of the right kind; `collector check` says which",
    FailureKind.TOKEN_SUSPECTED: "run `collector check`; if the token is well, the communities' addresses are wrong",
    FailureKind.CAPTCHA: "open the network with the token's account in a browser, and do what it asks",
    FailureKind.PERMISSION_MISSING: "give the token the permission named; `collector check` lists what it has",
    FailureKind.CLOSED: "a finding: ask the community's owner to open it, or to let the token's account in",
    FailureKind.PRIVATE: "a finding: ask the community's owner to open it, or to let the token's account in",
    FailureKind.BANNED: "a finding: the network blocked it; its owner must appeal there",
    FailureKind.DELETED: "a finding: take it out of the branches file, or correct the address",
    FailureKind.MISSING: "correct the address in the branches file; open the link in a browser to see",
    FailureKind.NOT_A_COMMUNITY: "give the address of the community in place of the person's or the application's",
    FailureKind.WALL_DISABLED: "a finding: ask the community's owner to switch its wall on",
    FailureKind.DUPLICATE: "delete one of the two addresses from the branches file",
    FailureKind.UNEXPECTED_RESPONSE: "if it lasts, report it to the developers with raw_answer of collection_outcome",
    FailureKind.REQUEST_REJECTED: "report it to the developers with the detail",
}


def advice(kind: FailureKind | str) -> str:
    """What to do, in one clause."""
    return _ADVICE[FailureKind(kind)]
