"""Damage: one change to one file, from a flipped bit to a value of another type."""

import csv
import io
import json
import struct
import zipfile
import zlib

import numpy as np

ODD_VALUES = (
    None, True, -1, 0, 1.5, 1e308, float("nan"), float("inf"), 2**31, 2**63, 10**400,
    "", "x" * 5000, "../..", "/etc/passwd", "\x1b[2J", "\u202e", "\ud800", "a\nb", "\0",
    [], {}, [[]], [None], {"": None}, "NaN", "0", "=1+1",
)  # fmt: skip
ODD_NUMBERS = (0, 1, 7, 9, 1000, 20_000, 65_535, 2**31 - 1, 2**32 - 1)


def damage(path, chance):
    """Change a file in one way; return in words how."""
    data = path.read_bytes()
    ways = [_WAYS[suffix] for suffix in (path.suffix,) if suffix in _WAYS]
    way = chance.choice([*ways, *ways, _change_bytes])
    try:
        changed = way(data, chance)
    except (ValueError, KeyError, IndexError, zipfile.BadZipFile):
        way, changed = _change_bytes, _change_bytes(data, chance)
    path.write_bytes(changed)
    return way.__name__.strip("_").replace("_", " ")


def _change_bytes(data, chance):
    """Flip, cut, double, drop or overwrite bytes."""
    at, n = chance.randrange(len(data) + 1), chance.choice((1, 2, 8, 64, 512))
    noise = chance.randbytes(n)
    return chance.choice(
        (
            data[:at] + noise + data[at + n :],
            data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
            if at < len(data)
            else b"",
            data[:at],
            data[:at] + data[at + n :],
            data[:at] + data[at : at + n] * chance.choice((2, 300)) + data[at + n :],
            data[:at] + bytes(n) + data[at + n :],
            data[:at] + b"\xff" * n + data[at + n :],
            data + noise,
            data * 2,
        )
    )


def change_json(values, chance):
    """Change a value somewhere in plain values."""
    if isinstance(values, dict) and values and chance.random() < 0.85:
        key = chance.choice(list(values))
        made = dict(values)
        fate = chance.random()
        if fate < 0.1:
            del made[key]
        elif fate < 0.15:
            made[chance.choice(("new", "../x", ""))] = made.pop(key)
        else:
            made[key] = change_json(values[key], chance)
        return made
    if isinstance(values, list) and values and chance.random() < 0.7:
        place, made = chance.randrange(len(values)), list(values)
        made[place] = change_json(values[place], chance)
        return chance.choice((made, made, made[1:], values * 2))
    return chance.choice(ODD_VALUES)


def _change_values(data, chance):
    """Change a value in JSON, or nest it beyond all depth."""
    if chance.random() < 0.05:
        return b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    return json.dumps(change_json(json.loads(data), chance)).encode()


def _change_lines(data, chance):
    """Change a value in one line of JSON."""
    lines = data.decode().splitlines()
    place = chance.randrange(len(lines))
    lines[place] = json.dumps(change_json(json.loads(lines[place]), chance))
    return "\n".join(lines).encode() + b"\n"


def _change_cells(data, chance):
    """Change a cell of a table."""
    rows = list(csv.reader(io.StringIO(data.decode())))
    row = rows[chance.randrange(len(rows))]
    odd = (*map(str, ODD_VALUES), "a,b", "=cmd()", "pictures\\ant\\1.png")
    row[chance.randrange(len(row))] = chance.choice(odd)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode(errors="surrogatepass")


def _change_png_header(data, chance):
    """Change a field of a PNG's header, with the right check sum."""
    fields = list(struct.unpack(">IIBBBBB", data[16:29]))
    place = chance.randrange(7)
    fields[place] = chance.choice(ODD_NUMBERS if place < 2 else (0, 1, 2, 3, 4, 6, 16))
    header = b"IHDR" + struct.pack(">IIBBBBB", *fields)
    return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]


def _change_arrays(data, chance):
    """Change an array of an archive, its header, or what it inflates to."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(list(members))
    members[name] = chance.choice((_claim_more, _inflate, _retype))(
        members[name], chance
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, value in members.items():
            archive.writestr(key, value)
    return buffer.getvalue()


def _claim_more(member, chance):
    """Let an array's header say that it is larger."""
    shape = (chance.choice((3, 10**5, 10**9, 10**18)), 8, 8)
    return _pack(np.zeros(0, np.uint8), shape) + member[128:]


def _inflate(member, chance):
    """Let an array of zeros take a thousandth in the file."""
    n = chance.choice((1 << 10, 1 << 20, 300 << 10))
    return _pack(np.zeros(0, np.uint8), (n, 8, 8)) + bytes(64 * n)


def _retype(member, chance):
    """Put an array of another type in its place."""
    odd = (
        np.array(["a", None], object), np.zeros(12, "M8[s]"), np.zeros(12, complex),
        np.zeros((0, 8, 8), np.uint8), np.full((12, 8, 8), np.nan), np.zeros((12, 0)),
        np.zeros((2,) * 20, np.uint8), np.zeros(12, "V8"), np.zeros(()),
        np.zeros((12, 8, 8), bool), np.array([["a"] * 12]), np.array([b"\xff"] * 12),
    )  # fmt: skip
    buffer = io.BytesIO()
    np.save(buffer, chance.choice(odd), allow_pickle=True)
    return buffer.getvalue()


def _pack(array, shape):
    """Return the header of an array, with another shape."""
    buffer = io.BytesIO()
    values = {"descr": array.dtype.str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(buffer, values)
    return buffer.getvalue()


_WAYS = {
    ".json": _change_values,
    ".jsonl": _change_lines,
    ".csv": _change_cells,
    ".png": _change_png_header,
    ".npz": _change_arrays,
}
