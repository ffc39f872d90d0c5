"""The page in a real browser: nothing fails, nothing is fetched, all of it works."""

import os
import shutil

import numpy as np
import pytest
from playwright.sync_api import expect, sync_playwright

from ganaug.config import TrainConfig
from ganaug.data.images import LabelledImages
from ganaug.gan.plan import Plan
from ganaug.gan.training import train
from ganaug.report.rendering import render_report
from ganaug.synth.synthesis import synthesize

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
FLAGS = [
    "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
CONFIG = TrainConfig(
    height=8, width=8, channels=3, base_channels=16, max_channels=16, latent=8,
    batch=16, images=160, snapshots=2,
)  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    root = tmp_path_factory.mktemp("browser")
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (60, 8, 8, 3), np.uint8)
    classes = ("<script>throw 1</script>", "dog & cat", "c")
    images = LabelledImages(pixels, np.arange(60) % 3, classes, data_size=(8, 8))
    plan = Plan(CONFIG, {"batch": "small"}, 100.0, 0.1)
    train(images, root / "a.run", config=plan, device="cpu")
    synthesize(root / "a.run", root / "a", per_class=20, filters=None)
    return render_report(root / "a", data=images)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["wide", "phone"])
def page(request, browser, report):
    """The report at one width; `page.seen` gathers console lines and addresses."""
    width, scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, has_touch=True
    )
    page = context.new_page()
    page.seen = []
    page.on("console", lambda line: page.seen.append(line.text))
    page.on("pageerror", lambda error: page.seen.append(str(error)))
    page.on("request", lambda sent: page.seen.append(sent.url))
    page.goto(report.as_uri())
    yield page
    here = report.as_uri()
    strange = [s for s in page.seen if s != here and not s.startswith("data:")]
    context.close()
    assert strange == []


def test_every_image_loads_and_nothing_sticks_out(page):
    broken = page.evaluate(
        "[...document.images].filter(i => !i.complete || !i.naturalWidth).length"
    )
    assert broken == 0
    assert page.locator("img").count() > 60
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


def test_the_slider_shows_other_moments(page):
    frame, slider = page.locator("#frame"), page.locator("#moment")
    last = frame.get_attribute("src")
    slider.fill("0")
    assert frame.get_attribute("src") != last
    assert "after 80 images" in page.locator("#moment-text").inner_text()
    slider.press("End")
    assert frame.get_attribute("src") == last
    page.locator(".still").first.click()
    assert slider.input_value() == "0"
    page.locator("#play").click()
    expect(page.locator("#play")).to_have_text("Stop")
    expect(slider).to_have_value("1")
    expect(page.locator("#play")).to_have_text("Play")


def test_the_map_shows_an_image_on_hover_tap_and_keys(page):
    card, said = page.locator("#map-box .card"), page.locator("#map-said")
    assert card.is_hidden()
    dot = page.locator("#map-box circle.synthetic").first
    dot.scroll_into_view_if_needed()
    box = dot.bounding_box()
    centre = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*centre)
    assert card.is_visible()
    assert said.text_content().startswith(("Synthetic · ", "Real · "))
    drawn = "document.querySelector('.card canvas').toDataURL()"
    first = page.evaluate(drawn)
    page.mouse.move(0, 0)
    assert card.is_hidden()
    page.touchscreen.tap(*centre)
    assert card.is_visible()
    page.locator("#map-box").focus()
    seen = {first}
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
        seen.add(page.evaluate(drawn))
    assert len(seen) > 2
    page.keyboard.press("Escape")
    assert card.is_hidden()


def test_one_class_can_be_picked_and_pictures_shown(page):
    button = page.locator(".legend [data-label]").first
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert page.locator("circle.dim").count() == 80
    button.click()
    assert page.locator("circle.dim").count() == 0
    empty = "document.querySelector('#map-box > canvas').toDataURL().length"
    before = page.evaluate(empty)
    page.locator("#map-mode").click()
    assert page.evaluate(empty) > before


def test_it_reads_without_scripts(browser, report):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    assert page.locator("#frame").is_visible()
    assert page.locator("#map-box circle").count() == 120
    assert page.locator(".controls").is_hidden()
    context.close()
