"""Hostile stores: what somebody could send to reach beyond the folder of a store.

Each changes a copy of a sound store in `case/store`. Beside it lies `outside`, which
nothing may open or change.
"""

import json
import os
import shutil

SECRET = "secret.png"


def lead_out_by_folder(store, outside):
    """Let meta.json name a folder of another place for a class's images."""
    values = json.loads((store / "meta.json").read_text())
    values["folders"] = dict.fromkeys(values["folders"], f"../../{outside.name}")
    (store / "meta.json").write_text(json.dumps(values))


def lead_out_by_absolute_folder(store, outside):
    values = json.loads((store / "meta.json").read_text())
    values["folders"]["ant"] = str(outside)
    (store / "meta.json").write_text(json.dumps(values))


def lead_out_by_class(store, outside):
    """Let a class be named like a path."""
    for name in ("meta.json", "manifest.csv"):
        text = (store / name).read_text()
        (store / name).write_text(text.replace("ant", f"../../{outside.name}"))


def lead_out_by_row(store, outside):
    text = (store / "manifest.csv").read_text()
    text = text.replace("ant/000000.png", f"../../{outside.name}/{SECRET}")
    (store / "manifest.csv").write_text(text)


def lead_out_by_absolute_row(store, outside):
    text = (store / "manifest.csv").read_text()
    text = text.replace("ant/000000.png", str(outside / SECRET))
    (store / "manifest.csv").write_text(text)


def link_image(store, outside):
    _link(store / "ant" / "000000.png", outside / SECRET)


def link_class(store, outside):
    shutil.rmtree(store / "ant")
    _link(store / "ant", outside)


def link_manifest(store, outside):
    shutil.copy(store / "manifest.csv", outside)
    _link(store / "manifest.csv", outside / "manifest.csv")


def link_meta(store, outside):
    shutil.copy(store / "meta.json", outside)
    _link(store / "meta.json", outside / "meta.json")


def link_generator(store, outside):
    shutil.copy(store / "generator.safetensors", outside)
    _link(store / "generator.safetensors", outside / "generator.safetensors")


def link_lock(store, outside):
    _link(store / ".lock", outside / "lock")


def link_results(store, outside):
    for name in ("report.html", "evaluation.csv", "screening.json", "data.json"):
        _link(store / name, outside / name)


def link_split(store, outside):
    shutil.copy(store / "split.json", outside)
    _link(store / "split.json", outside / "split.json")


def link_absent_image(store, outside):
    """Lead the image that would be written next to a place that does not exist."""
    os.symlink(outside / "planted.png", store / "ant" / "000003.png")


def put_pipe(store, outside):
    """Put a pipe where a file is read: it would wait for ever."""
    for name in ("ant/000000.png", "screening.json", "split.json"):
        (store / name).unlink(missing_ok=True)
        os.mkfifo(store / name)


def put_folder(store, outside):
    for name in ("ant/000000.png", "manifest.csv"):
        (store / name).unlink()
        (store / name).mkdir()


def read_from_elsewhere(store, outside):
    _name_source(store, str(outside))


def read_from_above(store, outside):
    _name_source(store, f"../../{outside.name}")


def read_from_processes(store, outside):
    _name_source(store, "/proc")


def read_from_devices(store, outside):
    _name_source(store, "/dev")


def read_endless_expression(store, outside):
    """Let the groups of the data be found by an expression that never ends."""
    _change_origin(store, group_regex="(a+)+$")


def read_greedy_expression(store, outside):
    _change_origin(store, group_regex="(.*)*(.*)*(.*)*(.*)*x")


def read_odd_domains(store, outside):
    _change_origin(store, domain_from="/proc/self/environ")


def nest_deeply(store, outside):
    for name in ("meta.json", "screening.json", "split.json", "data.json"):
        (store / name).write_text("[" * 100_000)


def nest_soundly(store, outside):
    """Nest one value beyond all depth, in JSON that is sound."""
    values = json.loads((store / "meta.json").read_text())
    values["training"] = "HERE"
    deep = '{"a":' * 100_000 + "1" + "}" * 100_000
    text = json.dumps(values).replace('"HERE"', deep)
    (store / "meta.json").write_text(text)


def claim_huge_size(store, outside):
    _change_meta(store, size=[60_000, 60_000], data_size=[60_000, 60_000])


def claim_many_classes(store, outside):
    names = [f"c{k}" for k in range(200_000)]
    numbers = {name: k for k, name in enumerate(names)}
    _change_meta(store, class_to_idx=numbers, folders={name: name for name in names})


def claim_huge_index(store, outside):
    text = (store / "manifest.csv").read_text()
    lines = [line.split(",") for line in text.splitlines()]
    lines[1][0], lines[1][4] = f"ant/{10**14}.png", str(10**14)
    text = "\n".join(",".join(line) for line in lines)
    (store / "manifest.csv").write_text(f"{text}\n")


def fill_screening(store, outside):
    (store / "screening.json").write_text(json.dumps({"rejected": [0] * 3_000_000}))


def write_long_line(store, outside):
    with open(store / "manifest.csv", "a") as opened:
        opened.write("x" * 50_000_000)


def quote_for_ever(store, outside):
    with open(store / "manifest.csv", "a") as opened:
        opened.write('"' + "x\n" * 5_000_000)


def draw_escapes(store, outside):
    """Put control characters where names are shown on a terminal."""
    for name in ("meta.json", "manifest.csv"):
        text = (store / name).read_text()
        evil = "\x1b]0;evil\x07" if name.endswith("csv") else "\\u001b]0;evil\\u0007"
        (store / name).write_text(text.replace("bee", evil))


def _link(path, target):
    path.unlink(missing_ok=True) if not path.is_dir() else None
    path.symlink_to(target)


def _change_meta(store, **values):
    path = store / "meta.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def _name_source(store, source):
    _change_origin(store, source=source)


def _change_origin(store, **values):
    path = store / "data.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


ATTACKS = tuple(
    made
    for name, made in list(globals().items())
    if callable(made) and made.__module__ == __name__ and not name.startswith("_")
)
