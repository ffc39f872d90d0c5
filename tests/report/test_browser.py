"""The page in a real browser: nothing fails, nothing is fetched, all of it works."""

import json
import os
import re
import shutil

import numpy as np
import pytest
from carriers import Lamp, draw_domains, hold_all
from gains import make_gain
from playwright.sync_api import expect, sync_playwright

from ganaug.config import TrainConfig
from ganaug.data.images import LabelledImages
from ganaug.gan.plan import Plan
from ganaug.gan.training import train
from ganaug.report.rendering import render_report
from ganaug.synth.fill.ordering import FillOptions, fill_cells
from ganaug.synth.screening import ClassScreening, Screening, write_screening
from ganaug.synth.synthesis import synthesize
from ganaug.synth.verdict.record import ClassVerdict, StoreVerdict

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
    store = synthesize(root / "a.run", root / "a", per_class=20, filters=None)
    judge(store)
    return render_report(root / "a", data=images)


def judge(store):
    """Write a verdict into a store, and what its filters might have found."""
    own = ClassVerdict("poor", "a third of the real variety", 0.5, 0.3, 0.2, 0.9)
    classes = dict.fromkeys(store.classes, own)
    verdict = StoreVerdict(
        "poor", "Poor: it draws little.", "ganaug synth a --budget 9m",
        0.5, 0.3, 0.2, 0.9, classes=classes,
    )  # fmt: skip
    path = store.path / "meta.json"
    values = json.loads(path.read_text())
    path.write_text(json.dumps({**values, "verdict": verdict.to_dict()}))
    screening = Screening(
        tuple(
            ClassScreening(name, 20, 20, 40, {"label": 9, "realism": 8, "copy": 3})
            for name in store.classes
        ),
        recognised={
            a: {b: 1 + 20 * (a == b) for b in store.classes} for a in store.classes
        },
    )
    write_screening(store.path, screening)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def gain_report(tmp_path_factory):
    """Make a gain of many classes with long names, some without a place to break."""
    classes = tuple(f"{'Kraut' * (k % 9)} <i>{k}</i>" for k in range(40))
    path = tmp_path_factory.mktemp("browser") / "a-gain"
    make_gain(path, classes=classes, gain=0.05, noise=0.03, each=10)
    return render_report(path)


@pytest.fixture(scope="module")
def filled_report(tmp_path_factory):
    """Fill cells without filters, and write a verdict with poor ones into the store."""
    root = tmp_path_factory.mktemp("browser")
    (root / "weights").write_bytes(b"weights")
    data = draw_domains([[8, 8], [8, 0], [0, 8]])
    store = fill_cells(
        Lamp(data), hold_all(data), root / "a", generator=root / "weights",
        options=FillOptions(per_cell=4, filters=None),
    )  # fmt: skip
    path = store.path / "meta.json"
    values = json.loads(path.read_text())
    for k, cell in enumerate(values["verdict"]["cells"]):
        word = ("poor", "usable", "good")[k % 3]
        cell |= {"word": word, "reason": "few kept", "class_kept": 0.3 + 0.1 * k}
    path.write_text(json.dumps(values))
    return render_report(store.path, data=data)


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["wide", "phone"])
def screen(request):
    """Return the width in pixels and the colour scheme."""
    return request.param


@pytest.fixture
def page(screen, browser, report):
    yield from open_page(browser, report, screen)


@pytest.fixture
def gain_page(screen, browser, gain_report):
    yield from open_page(browser, gain_report, screen)


@pytest.fixture
def filled_page(screen, browser, filled_report):
    yield from open_page(browser, filled_report, screen)


def open_page(browser, report, screen):
    """Open the report at one width; `page.seen` has console lines and addresses."""
    width, scheme = screen
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


def unfold(page):
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")


def find_violations(page):
    """Return what axe-core finds: rule, and the first element that breaks it."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page).response["violations"]
    return [(each["id"], each["nodes"][0]["html"]) for each in found]


def test_nothing_keeps_anyone_from_reading_it(page):
    assert find_violations(page) == []
    unfold(page)
    assert find_violations(page) == []


def test_nothing_keeps_anyone_from_reading_a_gain(gain_page):
    unfold(gain_page)
    assert find_violations(gain_page) == []


def test_nothing_keeps_anyone_from_reading_filled_cells(filled_page):
    unfold(filled_page)
    assert find_violations(filled_page) == []
    band = filled_page.locator(".band")
    expect(band).to_contain_text("Class kept")
    expect(band).not_to_contain_text("Variety")
    expect(filled_page.locator("#carried img")).to_have_count(3 + 6 - 1)


def test_a_link_opens_its_folded_section(page):
    frame = page.locator("#frame")
    assert not frame.is_visible()
    page.get_by_role("link", name="How it learned").click()
    expect(frame).to_be_visible()


def test_labels_of_the_film_are_whole(page):
    """Each class is named beside its row, or has a number that the list names."""
    unfold(page)
    names = page.locator(".names li")
    assert names.count() == 3
    for name in names.all():
        inside, whole = name.evaluate(
            "e => [[e.clientWidth, e.clientHeight], [e.scrollWidth, e.scrollHeight]]"
        )
        assert whole[0] <= inside[0] + 1, name.inner_text()
        assert whole[1] <= inside[1] + 1, name.inner_text()
    listed = page.locator(".rows li")
    small = page.viewport_size["width"] < 500
    assert [item.is_visible() for item in listed.all()] == [small] * 3
    assert "dog & cat" in listed.all_text_contents()


def test_every_image_loads_and_nothing_sticks_out(page):
    unfold(page)
    broken = page.evaluate(
        "[...document.images].filter(i => !i.complete || !i.naturalWidth).length"
    )
    assert broken == 0
    assert page.locator("img").count() > 60
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


def test_the_slider_shows_other_moments(page):
    unfold(page)
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


def test_one_class_can_be_picked_and_images_shown(page):
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
    page.locator("summary", has_text="How it learned").click()
    assert page.locator("#frame").is_visible()
    assert page.locator("#map-box circle").count() == 120
    assert page.locator(".controls").is_hidden()
    context.close()


def test_a_gain_fits_and_its_parts_are_there(gain_page):
    assert gain_page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert gain_page.locator("h1").inner_text() == "GAN images help"
    broken = "[...document.images].filter(i => !i.complete || !i.naturalWidth).length"
    assert gain_page.evaluate(broken) == 0
    plot = gain_page.get_by_role("img", name="Gains with their 95")
    assert plot.bounding_box()["width"] > 300
    details = gain_page.get_by_text("Split by split")
    details.click()
    assert gain_page.get_by_role("cell", name="+", exact=False).first.is_visible()
    assert gain_page.locator("i:visible").count() >= 40
    gain_page.emulate_media(media="print")
    gain_page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert gain_page.get_by_text("Kraut <i>28</i>").first.is_visible()


def test_a_gain_can_be_read(gain_page):
    """Words stand out from the page by 4.5 : 1 (WCAG 2.1, 1.4.3)."""
    colours = gain_page.evaluate(
        """() => ["h1", ".lead", ".kicker", "tr.main td", "figcaption", "text"].map(
          (s) => [s, getComputedStyle(document.querySelector(s))]
        ).map(([s, style]) => s === "text" ? style.fill : style.color)"""
    )
    paper = gain_page.evaluate("getComputedStyle(document.body).backgroundColor")
    for colour in colours:
        assert contrast(colour, paper) >= 4.5, (colour, paper)


def contrast(first, second):
    """Return the contrast of two `rgb(…)` colours, as WCAG 2.1 defines it."""
    lights = []
    for colour in (first, second):
        rgb = np.array([int(n) for n in re.findall(r"\d+", colour)[:3]]) / 255
        linear = np.where(rgb <= 0.03928, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        lights.append(float(linear @ (0.2126, 0.7152, 0.0722)))
    return (max(lights) + 0.05) / (min(lights) + 0.05)
