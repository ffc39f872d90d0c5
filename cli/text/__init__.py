"""Commands for labelled texts."""
