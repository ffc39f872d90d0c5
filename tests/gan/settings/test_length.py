"""How short a training is, beside what images of its size need."""

from ganaug.gan.settings.length import IMAGES, SMALL_IMAGES, measure_length


def test_images_decide_and_not_minutes():
    fast, slow = (measure_length(1.0, n, (64, 64)) for n in (IMAGES, IMAGES // 10))
    assert not fast.far_below
    assert slow.far_below
    assert slow.advised == 10.0


def test_a_slow_machine_needs_longer_than_the_default():
    slow = measure_length(3.0, SMALL_IMAGES // 6, (8, 8))
    assert slow.advised == 18.0
    assert slow.say() == (
        f"{SMALL_IMAGES // 6:,} images in 3 minutes are a sixth of what these data need"
    )
