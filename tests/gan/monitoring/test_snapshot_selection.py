"""Which snapshot draws the images: the rule on numbers made by hand, and its files."""

import json

import numpy as np
import pytest
from scipy import stats

from ganaug.data.load import load_images
from ganaug.gan.monitoring.copy_check import CopyCheck
from ganaug.gan.monitoring.snapshot_selection import (
    ENOUGH_HELD_OUT,
    Choice,
    choose_snapshot,
    describe_choices,
    read_choice,
    write_choice,
)
from ganaug.gan.monitoring.snapshots import (
    Candidate,
    keep_snapshot,
    read_candidates,
    within_one_error,
)
from ganaug.metrics.copy_share import compare_copies

SOME = [
    Candidate(100, 0.50, 0.1), Candidate(200, 0.30, 0.1), Candidate(300, 0.39, 9.0),
    Candidate(400, 0.41, 0.1),
]  # fmt: skip


def fine(images):
    return True


def test_the_latest_within_the_bests_own_error_is_taken():
    assert [c.images for c in within_one_error(SOME)] == [300, 200]
    choice = choose_snapshot(SOME, 400, ENOUGH_HELD_OUT, fine)
    assert (choice.images, choice.last) == (300, False)
    assert "at 200 images" in choice.reason


def test_copiers_are_passed_over_from_the_latest_backwards():
    asked = []

    def is_clean(images):
        asked.append(images)
        return images == 200

    choice = choose_snapshot(SOME, 400, ENOUGH_HELD_OUT, is_clean)
    assert asked == [300, 200]
    assert choice.images == 200
    assert "1 later one draws copies" in choice.reason
    none = choose_snapshot(SOME, 400, ENOUGH_HELD_OUT, lambda images: False)
    assert none.images == 200
    assert "the earliest of 2" in none.reason


def test_few_held_out_images_or_no_snapshots_leave_the_end():
    few = choose_snapshot(SOME, 400, ENOUGH_HELD_OUT - 1, fine)
    assert (few.images, few.last) == (400, True)
    assert choose_snapshot([], 400, ENOUGH_HELD_OUT, fine).last


def test_candidates_are_compared_snapshots_whose_files_are_there(tmp_path):
    rows = [
        {"images": 64, "d_loss": 1.0},
        {"images": 64, "snapshot": True, "distance": 0.5, "error": 0.1},
        {"images": 128, "snapshot": True, "distance": 0.4},
        {"images": 192, "snapshot": True, "distance": 0.3, "error": 0.1},
    ]
    assert read_candidates(tmp_path) == []
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    (tmp_path / "snapshots").mkdir()
    for images in (64, 128):
        (tmp_path / "snapshots" / f"{images:09d}.safetensors").touch()
    assert read_candidates(tmp_path) == [Candidate(64, 0.5, 0.1)]


def test_whatever_may_be_chosen_in_the_end_is_kept(tmp_path):
    distances = [0.5, 0.30, 0.29, 0.28, 0.27, 0.26, 0.305, 0.31, 0.9, 0.6]
    rows = [
        {"images": 100 * k, "snapshot": True, "distance": distance, "error": 0.1}
        for k, distance in enumerate(distances)
    ]
    for k, row in enumerate(rows):
        with open(tmp_path / "metrics.jsonl", "a") as lines:
            lines.write(json.dumps(row) + "\n")
        keep_snapshot(tmp_path, 100 * k, lambda path: path.touch())
    there = read_candidates(tmp_path)
    # 0 and 800 are worse than the best by more than its error; the last one stays
    assert [c.images for c in there] == [100, 200, 300, 400, 500, 600, 700, 900]
    every = [Candidate(row["images"], row["distance"], 0.1) for row in rows]
    for candidates in (every, there):
        assert choose_snapshot(candidates, 900, ENOUGH_HELD_OUT, fine).images == 700


def test_a_choice_is_read_back_and_said(tmp_path):
    folders = [tmp_path / name for name in ("a", "b", "c")]
    for folder in folders:
        folder.mkdir()
    assert describe_choices(folders) is None
    write_choice(folders[0], Choice(1500, "the best", False))
    assert read_choice(folders[0]) == Choice(1500, "the best", False)
    said = "using the snapshot at 1,500 images (the best)"
    assert describe_choices(folders) == said
    write_choice(folders[1], Choice(2000, "the best"))
    assert describe_choices(folders).startswith("using the final snapshot of 1 of 2")
    for folder in folders[:2]:
        write_choice(folder, Choice(2000, "the best", True))
    assert describe_choices(folders) == "using the final snapshot of each of 2 classes"
    (folders[2] / "choice.json").write_text("{")
    assert read_choice(folders[2]) is None


def test_a_copier_is_told_from_a_generator_and_by_class():
    rng = np.random.default_rng(0)
    real = rng.integers(0, 256, (160, 8, 8, 1), np.uint8)
    labels = np.arange(160) % 2
    fresh = rng.integers(0, 256, (60, 8, 8, 1), np.uint8)
    check = CopyCheck(real[:100], labels[:100], real[100:], labels[100:])
    assert check.is_clean(fresh, np.arange(60) % 2)
    assert not check.is_clean(real[:60], labels[:60])
    noisy = np.clip(real[:60].astype(int) + rng.integers(-4, 5, (60, 8, 8, 1)), 0, 255)
    assert not check.is_clean(noisy.astype(np.uint8), labels[:60])
    nothing = CopyCheck(real[:100], labels[:100], real[:0], labels[:0])
    assert nothing.is_clean(real[:60], labels[:60])


def test_rare_classes_that_copy_nothing_are_not_taken_for_copiers():
    digits = load_images("digits")
    refused = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        rows = rng.permutation(len(digits))
        of = [rows[digits.labels[rows] == k] for k in range(10)]
        most = {1: 80, 8: 80}
        seen = np.concatenate([own[: most.get(k, 1)] for k, own in enumerate(of)])
        held = np.concatenate([of[k][80:100] for k in most])
        drawn = np.concatenate([own[110:140] for own in of])
        x, y = digits.images, digits.labels
        check = CopyCheck(x[seen], y[seen], x[held], y[held])
        refused += not check.is_clean(x[drawn], y[drawn])
        nothing = CopyCheck(x[seen], y[seen], x[held[:0]], y[held[:0]])
        assert nothing.is_clean(x[drawn], y[drawn])
    assert refused <= 1


def add_noise(images, size, seed=0):
    noise = np.random.default_rng(seed).normal(0, size, images.shape)
    return np.clip(images + noise, 0, 255).astype(np.uint8)


def test_a_copier_is_told_where_held_out_images_repeat_others():
    digits = load_images("digits")
    rows = np.random.default_rng(0).permutation(len(digits))
    x, y = digits.images[rows], digits.labels[rows]
    seen, held, labels = x[:400], x[400:500].copy(), y[400:500].copy()
    held[:12], labels[:12] = add_noise(seen[:12], 2), y[:12]
    check = CopyCheck(seen, y[:400], held, labels)
    drawn = np.concatenate([add_noise(seen[100:125], 2), x[600:675]])
    assert not check.is_clean(drawn, np.concatenate([y[100:125], y[600:675]]))
    assert check.is_clean(x[600:700], y[600:700])


def test_copies_of_all_images_are_found_in_a_sorted_set():
    digits = load_images("digits")
    order = np.argsort(digits.labels, kind="stable")
    x = digits.images[order]
    held = np.arange(len(x)) % 5 == 0
    nothing = np.zeros(len(x), np.int64)
    check = CopyCheck(x[~held], nothing[~held], x[held], nothing[held])
    for copies in (x[~held][:60], x[~held][-60:]):
        assert not check.is_clean(add_noise(copies, 2), nothing[:60])


@pytest.mark.parametrize("held", [30, 200])
def test_the_p_value_of_copies_is_exact(held):
    """For equal distributions p ≤ α at most as often as α; p is what trials find."""
    rng = np.random.default_rng(1)
    trials = [compare_copies(rng.random(80), rng.random(held)) for _ in range(2000)]
    p = np.array([t.p for t in trials])
    for alpha in (0.01, 0.05, 0.2):
        count = int((p <= alpha).sum())
        assert stats.binomtest(count, len(p), alpha, "greater").pvalue > 1e-3
    # what p claims of one outcome is how often an outcome is at least as extreme
    below = np.array([t.share for t in trials])
    some = trials[int(np.argmin(abs(p - 0.2)))]
    frequency = (below >= some.share).mean()
    assert frequency == pytest.approx(some.p, abs=4 * (0.25 / 2000) ** 0.5)
