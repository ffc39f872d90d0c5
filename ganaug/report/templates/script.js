"use strict";

const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// the film: slider, play button and stills show the same moment
function runFilm(film) {
  const frame = find("#frame"), slider = find("#moment"), play = find("#play");
  const stills = all(".still", film);
  let timer = 0;

  function show(k) {
    const image = find("img", stills[k]), text = stills[k].dataset.text;
    frame.src = image.src;
    frame.alt = image.alt;
    slider.value = k;
    slider.setAttribute("aria-valuetext", text);
    find("#moment-text").textContent = text;
    stills.forEach((still, j) => still.toggleAttribute("aria-current", j === k));
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
    play.setAttribute("aria-pressed", "false");
  }

  function start() {
    if (Number(slider.value) >= stills.length - 1) show(0);
    play.textContent = "Stop";
    play.setAttribute("aria-pressed", "true");
    timer = setInterval(() => {
      const next = Number(slider.value) + 1;
      if (next < stills.length) show(next);
      if (next >= stills.length - 1) stop();
    }, 600);
  }

  slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
  play.addEventListener("click", () => (timer ? stop() : start()));
  stills.forEach((still, k) => still.addEventListener("click", () => { stop(); show(k); }));
  find(".controls", film).hidden = stills.length < 2;
  show(stills.length - 1);
}

// the map: the nearest dot to the pointer, or the next one in an arrow's direction
function runMap(box) {
  const svg = find("svg", box), card = find(".card", box), sheet = find("#sheet");
  const names = Object.fromEntries(
    all(".legend [data-label]").map((b) => [b.dataset.label, b.textContent.trim()]));
  const dots = all("circle", svg).map((circle, index) => ({
    circle, index, x: Number(circle.getAttribute("cx")), y: Number(circle.getAttribute("cy")),
    label: circle.dataset.label, kind: circle.classList.contains("real") ? "Real" : "Synthetic",
  }));
  const columns = Number(box.dataset.columns);
  const width = svg.viewBox.baseVal.width;
  let chosen = null, only = null;

  const tileWidth = Number(box.dataset.tileWidth), tileHeight = Number(box.dataset.tileHeight);
  function drawTile(context, dot, x, y, side) {
    // a heavy sheet was encoded smaller than it says
    const scale = sheet.naturalWidth / Number(box.dataset.sheetWidth);
    const w = tileWidth * scale, h = tileHeight * scale, longest = Math.max(w, h);
    const column = dot.index % columns, row = Math.floor(dot.index / columns);
    context.imageSmoothingEnabled = false;
    context.drawImage(sheet, column * w, row * h, w, h,
      x + (side - side * w / longest) / 2, y + (side - side * h / longest) / 2,
      side * w / longest, side * h / longest);
  }

  function choose(dot) {
    if (chosen) chosen.circle.classList.remove("on");
    chosen = dot;
    card.hidden = !dot;
    if (!dot) return;
    dot.circle.classList.add("on");
    svg.append(dot.circle);
    const context = find("canvas", card).getContext("2d");
    context.clearRect(0, 0, 144, 144);
    drawTile(context, dot, 0, 0, 144);
    const text = `${dot.kind} · ${names[dot.label] ?? ""}`;
    find("p", card).textContent = text;
    find("#map-said").textContent = text;
    const scale = svg.clientWidth / width, x = dot.x * scale, y = dot.y * scale;
    const left = x + 16 + card.offsetWidth > box.clientWidth ? x - 16 - card.offsetWidth : x + 16;
    const top = Math.min(y - 30, box.clientHeight - card.offsetHeight - 4);
    card.style.left = `${Math.max(4, Math.min(left, box.clientWidth - card.offsetWidth - 4))}px`;
    card.style.top = `${Math.max(4, top)}px`;
  }

  const visible = () => dots.filter((dot) => only === null || dot.label === only);
  function nearest(x, y, among) {
    let best = null, least = Infinity;
    for (const dot of among) {
      const distance = Math.hypot(dot.x - x, dot.y - y);
      if (distance < least) [best, least] = [dot, distance];
    }
    return [best, least];
  }

  function point(event) {
    const scale = svg.clientWidth / width, edge = svg.getBoundingClientRect();
    const x = (event.clientX - edge.left) / scale, y = (event.clientY - edge.top) / scale;
    const [dot, distance] = nearest(x, y, visible());
    choose(distance * scale < 28 ? dot : null);
  }
  svg.addEventListener("pointermove", point);
  svg.addEventListener("pointerdown", point);
  svg.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") choose(null);
  });

  const arrows = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  box.addEventListener("focus", () => {
    if (!chosen) choose(nearest(width / 2, width / 3, visible())[0]);
  });
  box.addEventListener("blur", () => choose(null));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") choose(null);
    const way = arrows[event.key];
    if (!way) return;
    event.preventDefault();
    const from = chosen ?? { x: width / 2, y: width / 3 };
    let best = null, least = Infinity;
    for (const dot of visible()) {
      const dx = dot.x - from.x, dy = dot.y - from.y;
      const along = dx * way[0] + dy * way[1], beside = Math.abs(dx * way[1] + dy * way[0]);
      const cost = along + 2 * beside;
      if (dot !== chosen && along > 0 && cost < least) [best, least] = [dot, cost];
    }
    if (best) choose(best);
  });

  const canvas = find("canvas", box), mode = find("#map-mode");
  function paint() {
    const shown = box.classList.contains("images");
    const ratio = devicePixelRatio || 1, scale = svg.clientWidth / width;
    canvas.width = svg.clientWidth * ratio;
    canvas.height = svg.clientHeight * ratio;
    if (!shown) return;
    const context = canvas.getContext("2d"), side = Math.max(18, 34 * scale);
    context.scale(ratio, ratio);
    const style = getComputedStyle(document.documentElement);
    for (const dot of visible()) {
      const x = dot.x * scale - side / 2, y = dot.y * scale - side / 2;
      context.fillStyle = style.getPropertyValue(dot.kind === "Real" ? "--real" : "--synthetic");
      context.fillRect(x - 2, y - 2, side + 4, side + 4);
      drawTile(context, dot, x, y, side);
    }
  }
  mode.addEventListener("click", () => {
    const shown = box.classList.toggle("images");
    mode.setAttribute("aria-pressed", String(shown));
    paint();
  });
  mode.hidden = false;
  addEventListener("resize", () => { choose(null); paint(); });

  const filters = all(".legend [data-label]");
  filters.forEach((button) => button.addEventListener("click", () => {
    only = only === button.dataset.label ? null : button.dataset.label;
    filters.forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.label === only)));
    dots.forEach((d) => d.circle.classList.toggle("dim", only !== null && d.label !== only));
    choose(null);
    paint();
  }));
}

// the section in view, in the list at the side
function followSections() {
  const links = Object.fromEntries(all("nav a").map((a) => [a.hash.slice(1), a]));
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      links[entry.target.id]?.toggleAttribute("aria-current", entry.isIntersecting);
    }
  }, { rootMargin: "-15% 0px -80% 0px" });
  all("main > section").forEach((section) => watcher.observe(section));
}

// a link to a folded section opens it
function openTarget() {
  const section = location.hash && document.getElementById(location.hash.slice(1));
  const fold = section && find(".fold", section);
  if (fold) fold.open = true;
}

if (find(".film")) runFilm(find(".film"));
if (find("#map-box")) runMap(find("#map-box"));
followSections();
openTarget();
addEventListener("hashchange", openTarget);
all("nav a").forEach((link) => link.addEventListener("click", () => setTimeout(openTarget)));
addEventListener("beforeprint", () => all("details").forEach((d) => { d.open = true; }));
