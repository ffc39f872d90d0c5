"""Film and log: sheets are taken apart, and half a row does no harm."""

import numpy as np
from PIL import Image

from ganaug.config import TrainConfig
from ganaug.data.fingerprint import take_fingerprint
from ganaug.data.images import LabelledImages
from ganaug.gan.monitoring.quality import GRID_COLUMNS
from ganaug.gan.monitoring.sample_grid import save_grid
from ganaug.gan.run_folder import Run
from ganaug.report.run.reading.material import RunMaterial
from ganaug.report.run.reading.training_log import curve, read_logs
from ganaug.report.run.training.film import FRAMES, _choose, _cut, _read, describe_film


def make_run(folder, config):
    pixels = np.zeros((2, 8, 8, 1), np.uint8)
    data = LabelledImages(pixels, np.array([0, 1]), ("a", "b"))
    return Run(folder, config, take_fingerprint(data))


def test_a_sheet_is_undone_to_the_pixel(tmp_path):
    rng = np.random.default_rng(0)
    for h, w, c in ((8, 8, 1), (28, 20, 3), (100, 30, 4), (96, 96, 3)):
        images = rng.integers(0, 256, (2 * GRID_COLUMNS, h, w, c), np.uint8)
        save_grid(tmp_path / "sheet.png", images, GRID_COLUMNS)
        config = TrainConfig(height=h, width=w, channels=c)
        assert (_cut(_read(tmp_path / "sheet.png"), config) == images).all()
    assert _cut(np.zeros((50, 70, 3), np.uint8), TrainConfig()) is None


def test_a_sheet_from_elsewhere_is_shown_as_it_is(tmp_path):
    (tmp_path / "samples").mkdir()
    Image.new("RGB", (70, 50)).save(tmp_path / "samples" / "000000064.png")
    run = make_run(tmp_path, TrainConfig())
    film = describe_film(RunMaterial(tmp_path, run, None, None, None))
    assert film["frames"][0]["image"].width == 70
    assert film["frames"][0]["seen"] == 64


def test_a_long_film_keeps_its_end():
    assert _choose(3) == [0, 1, 2]
    chosen = _choose(1000)
    assert len(chosen) == FRAMES
    assert chosen[-1] == 999


def test_the_log_skips_what_it_cannot_read(tmp_path):
    lines = [
        '{"images": 64, "seconds": 1.5, "d_loss": 0.5}',
        '{"images": 64, "snapshot": true, "diversity": NaN}',
        '{"images": 96, "rolled_back_from": 128}',
        "[1]",
        '{"images": 128, "d_lo',
    ]
    (tmp_path / "metrics.jsonl").write_text("\n".join(lines))
    (log,) = read_logs(make_run(tmp_path, TrainConfig()))
    assert (log.seen, log.seconds, log.rolled_back) == (64, 1.5, (128,))
    assert curve(log.reports, "d_loss") == [(64, 0.5)]
    assert curve(log.snapshots, "diversity") == []
