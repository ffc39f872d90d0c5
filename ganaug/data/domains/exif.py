"""What a file's EXIF data say: the camera, the day, or any other tag."""

from __future__ import annotations

from pathlib import Path

from PIL import ExifTags, Image

from ganaug.data.readers.decode import DAMAGE_ERRORS
from ganaug.data.word import NOT_SAID
from ganaug.errors import ConfigError

DAY_TAGS = ("DateTimeOriginal", "DateTimeDigitized", "DateTime")
DAY = slice(0, 10)  # of YYYY:MM:DD HH:MM:SS


def read_exif(path: Path, tag: str) -> str:
    """Read a tag by its name, such as Model; `day` is the day of the photograph.

    Returns:
        Its text, or NOT_SAID where the file has no such tag or cannot be read.

    Raises:
        ConfigError: EXIF knows no such tag.
    """
    names = DAY_TAGS if tag == "day" else (tag,)
    numbers = [_find_number(name) for name in names]
    try:
        with Image.open(path) as image:
            exif = image.getexif()
            known = dict(exif) | dict(exif.get_ifd(ExifTags.IFD.Exif))
    except DAMAGE_ERRORS:
        return NOT_SAID
    found = next((known[number] for number in numbers if known.get(number)), NOT_SAID)
    text = str(found).replace("\0", "").strip()
    return text[DAY].replace(":", "-") if tag == "day" else text


def _find_number(name: str) -> int:
    if name not in ExifTags.Base.__members__:
        raise ConfigError(
            f"--domain-from exif:{name}: EXIF has no such tag; give for example "
            "exif:Model, exif:Make, exif:LensModel or exif:day"
        )
    return int(ExifTags.Base[name])
