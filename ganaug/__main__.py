"""`python -m ganaug`: the command line, as torchrun starts it."""

import importlib

if __name__ == "__main__":
    importlib.import_module("ganaug_cli.start").run()
