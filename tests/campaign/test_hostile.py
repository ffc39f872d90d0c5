"""Stores that were made to reach beyond their folder reach nothing."""

import shutil

import pytest
from campaign.hostile import ATTACKS, SECRET
from campaign.originals import copy_case, make_originals
from campaign.worker import Worker
from PIL import Image

pytestmark = pytest.mark.campaign
READERS = ("load_store", "mix", "verify", "report", "evaluate", "synth", "resume")


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    """Make originals, and a worker that may read the data among them."""
    root = tmp_path_factory.mktemp("originals")
    kinds = make_originals(root)
    with Worker(root / "data", root / "rooms") as worker:
        yield kinds["resumed stores"], worker


def make_outside(folder):
    """Make a folder with images that nobody may open, and return its contents."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("ant", "bee"):
        (folder / name).mkdir(parents=True)
        for k in range(12):
            Image.new("L", (8, 8), 100 + k).save(folder / name / f"x{k}.png")
    Image.new("L", (8, 8)).save(folder / SECRET)


def list_files(folder):
    """Return the files in a folder with their bytes."""
    return {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_hostile_stores(originals, tally, tmp_path, attack):
    kind, worker = originals
    outside = tmp_path / "outside"
    for reader in READERS[: tally.scale(len(READERS))]:
        case = copy_case(kind, tmp_path / "case")
        make_outside(outside)
        attack(case / "store", outside)
        before = list_files(outside)
        fault = worker.read(reader, case)
        if list_files(outside) != before:
            fault = f"files beside the store changed; {fault}"
        tally.add("hostile stores", f"{attack.__name__} {reader}", fault)
    tally.close()
