"""Do GAN images help? Real against real + synthetic, over several sets.

    python -m benchmarks.gain [--suite first] [--data-dir FOLDER] [--out gain.md]
    python -m benchmarks.gain --suite core [--cell NAME …] [--splits N] [--only K …]

first: two arms and few seeds, which prove nothing. core: the protocol of `ganaug gain`
on seven cells; full: further cells; domains: sets whose classes were not seen in
every domain. What is finished is kept; the same command resumes.
"""

from __future__ import annotations

import argparse

from benchmarks.gain import domain_suite, first_look, suite

SUITES = ("first", *suite.SUITES, "domains")


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, add_help=False)
    parser.add_argument("--suite", choices=SUITES, default="first")
    options, rest = parser.parse_known_args(words)
    if options.suite == "first":
        first_look.main(rest)
    elif options.suite == "domains":
        domain_suite.main(rest)
    else:
        suite.main(options.suite, rest)


if __name__ == "__main__":
    main()
