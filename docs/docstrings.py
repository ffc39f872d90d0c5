"""Docstrings for the site: `Example:` is a section of code, like `Examples:`."""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension, Object


class ExampleSections(Extension):
    """Renames the sections that hold a single example, for Google's parser."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        if obj.docstring is not None:
            text = obj.docstring.value
            obj.docstring.value = re.sub(r"(?m)^( *)Example:$", r"\1Examples:", text)
