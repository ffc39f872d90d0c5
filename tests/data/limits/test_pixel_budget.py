"""Large images are decoded a few at a time, whoever decodes them."""

import threading
from concurrent.futures import ThreadPoolExecutor

from ganaug.data.limits import pixel_budget
from ganaug.data.limits.pixel_budget import SHARE, TOKENS, hold_pixels, take_pixels


def test_as_many_pixels_as_the_budget_are_held_at_once(monkeypatch):
    lock, tokens = threading.Lock(), threading.Semaphore(TOKENS)
    monkeypatch.setattr(pixel_budget, "_gate", lock)
    monkeypatch.setattr(pixel_budget, "_tokens", tokens)
    held, most, counting = 0, 0, threading.Lock()

    def decode(share):
        nonlocal held, most
        with hold_pixels():
            take_pixels(share * SHARE)
            with counting:
                held += share
                most = max(most, held)
            threading.Event().wait(0.001)
            with counting:
                held -= share

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(decode, [1, 3, 8, 2, 5, 8, 1, 4] * 4))
    assert 1 < most <= TOKENS
    assert all(tokens.acquire(blocking=False) for _ in range(TOKENS))


def test_an_image_above_the_budget_waits_for_all_of_it_and_no_longer():
    with hold_pixels():
        take_pixels(100 * TOKENS * SHARE)
        take_pixels(100 * TOKENS * SHARE)  # the same image, once more


def test_deep_images_are_held_a_few_at_a_time():
    from ganaug.data.readers.reading import PIXELS_IN_FLIGHT, _divide

    windows = list(_divide(range(100), lambda _: PIXELS_IN_FLIGHT // 3))
    assert {len(window) for window in windows[:-1]} == {4}
    assert [i for window in windows for i in window] == list(range(100))
    assert list(map(len, _divide(range(600), lambda _: 1))) == [256, 256, 88]
