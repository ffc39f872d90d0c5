"""Damaged files end in a value or in one line, quickly, in their folder."""

import pytest
from campaign.damage import damage
from campaign.originals import copy_case, make_originals
from campaign.weights import alter_weights, note_digest
from campaign.worker import Worker

pytestmark = pytest.mark.campaign
CASES = {
    "images": 1500, "CSV files": 600, "archives": 500, "stores": 1200,
    "filled stores": 200, "runs": 500, "resumed stores": 100, "gains": 500,
}  # fmt: skip
WEIGHTS = {"stores": ("synth", "verify"), "runs": ("load_run", "synth", "resume")}


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    """Make originals, and a worker that may read the data among them."""
    root = tmp_path_factory.mktemp("originals")
    kinds = make_originals(root)
    with Worker(root / "data", root / "rooms") as worker:
        yield kinds, worker


@pytest.mark.parametrize("name", CASES)
def test_damaged_files(originals, tally, tmp_path, name):
    kinds, worker = originals
    kind = kinds[name]
    for number in range(tally.scale(CASES[name])):
        case = copy_case(kind, tmp_path / "case")
        files = sorted(p for p in case.rglob("*") if p.is_file())
        files = [p for p in files if p.suffix != ".html"]
        # small tables are a few of many files: half of all cases are of them
        tables = [p for p in files if p.suffix in (".json", ".jsonl", ".csv", ".npz")]
        chosen = tally.chance.choice(tally.chance.choice((tables or files, files)))
        how = damage(chosen, tally.chance)
        reader = tally.chance.choice(kind.readers)
        said = f"{number} {reader} {chosen.relative_to(case)} {how}"
        tally.add(name, said, worker.read(reader, case))
    tally.close()


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_with_right_digests(originals, tally, tmp_path, name):
    kinds, worker = originals
    for number in range(tally.scale(200)):
        case = copy_case(kinds[name], tmp_path / "case")
        chosen = tally.chance.choice(sorted(case.rglob("*.safetensors")))
        how = alter_weights(chosen, tally.chance)
        note_digest(case / "store")
        reader = tally.chance.choice(WEIGHTS[name])
        said = f"{number} {reader} {chosen.relative_to(case)} {how}"
        tally.add("weights", said, worker.read(reader, case))
    tally.close()
