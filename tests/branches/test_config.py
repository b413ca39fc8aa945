"""The data that the program comes with: its own branches file, its schema, and how the two fit."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from collector.branches.file import branches_schema, load_branches
from collector.domain.model import BranchKind, ContactRole
from collector.networks.base import Network
from tests.branches.test_file import RIGHT

CONFIG = Path(__file__).parents[2] / "config"
MGO = CONFIG / "branches.mgo.yaml"


@pytest.fixture(scope="module")
def networks():
    """The real parsers of addresses, without the adapters and what they import."""
    from collector.networks.facebook.address import parse_address as facebook
    from collector.networks.vk.address import parse_address as vk

    def no_adapter(options, services):
        raise NotImplementedError

    return {
        "vk": Network("vk", "VK", vk, no_adapter),
        "facebook": Network("facebook", "Facebook", facebook, no_adapter),
    }


def test_the_union_of_the_resolution_loads(networks):
    city, *branches = load_branches(MGO, networks=networks)
    assert (city.code, city.kind, city.parent_code) == ("МГО", BranchKind.CITY, None)
    assert {branch.parent_code for branch in branches} == {"МГО"}
    for branch in (city, *branches):
        assert sorted(address.network for address in branch.communities) == ["facebook", "vk"]
        assert all("sandbox" in address.screen_name for address in branch.communities)
        assert all(re.search(r"@(\w+\.)?example\.org$", contact.email) for contact in branch.contacts)
    assert all(
        ContactRole.CHAIR in {contact.role for contact in branch.contacts} for branch in (city, *branches)
    )


def test_its_numbers_are_the_tables(networks):
    rows = (CONFIG / "followers-2017-2018.csv").read_text(encoding="utf-8").splitlines()[1:]
    declared = {branch.code: branch.primary_count for branch in load_branches(MGO, networks=networks)[1:]}
    assert declared == {code: int(count) for code, count, *_ in (row.split(",") for row in rows)}


def test_the_schema_file_is_the_programs():
    text = json.dumps(branches_schema(), ensure_ascii=False, indent=2) + "\n"
    assert (CONFIG / "branches.schema.json").read_text(encoding="utf-8") == text, (
        "make it anew: collector branches schema > config/branches.schema.json"
    )
    assert MGO.read_text(encoding="utf-8").startswith(
        "# yaml-language-server: $schema=branches.schema.json\n"
    )


def editor_accepts(text):
    """As a YAML language server sees a file: by YAML 1.2, where a date is a text."""
    value = yaml.load(text, Loader=yaml.BaseLoader)
    for branch in value["branches"]:
        for key in ("primary_count", "silence_threshold_days"):
            if key in branch:
                branch[key] = int(branch[key])
    validator = jsonschema.Draft202012Validator(branches_schema())
    return not list(validator.iter_errors(value))


def test_the_schema_is_one_and_takes_what_the_program_takes():
    jsonschema.Draft202012Validator.check_schema(branches_schema())
    assert editor_accepts(MGO.read_text(encoding="utf-8"))
    assert editor_accepts(RIGHT)
    assert editor_accepts("x-shared: {}\n" + RIGHT)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("kind: city", "kind: town"), ("code: ВАО", "cod: ВАО"), (" 88", " -1"), ("role: chair", "role: boss")],
)
def test_the_schema_marks_a_mistake_in_the_editor(right, wrong):
    assert not editor_accepts(RIGHT.replace(right, wrong))


def test_every_key_is_explained_to_the_editors_reader():
    for name, entry in branches_schema()["$defs"].items():
        for key, rule in entry["properties"].items():
            assert re.search("[а-я]", rule["title"]), f"{name}.{key} has no title in Russian"
