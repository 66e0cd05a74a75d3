"""Gives pre-commit's `language: python` the wheel of this version from PyPI, in place of a build of minutes.

The wheel itself is made in packages/python. Nothing else needs this file.
"""

import re
from pathlib import Path

from setuptools import setup

cargo = (Path(__file__).parent / "Cargo.toml").read_text(encoding="utf-8")
version = re.search(r'^version = "(.+)"$', cargo, re.MULTILINE).group(1)
setup(name="keystrel-hook", version=version, packages=[], install_requires=[f"keystrel=={version}"])
