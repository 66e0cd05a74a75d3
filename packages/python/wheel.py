"""wheel.py OUT TAG=BINARY...: makes wheels around binaries that were built already, the same bytes for the same files.

    python3 packages/python/wheel.py dist/wheels py3-none-win_amd64=dist/keystrel.exe

Source of the format: https://packaging.python.org/en/latest/specifications/binary-distribution-format/, and of tags that are joined
by dots: https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/, read November 2026. A static binary is for
glibc and musl alike.
"""

import base64
import hashlib
import re
import sys
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def expanded(tag: str) -> list[str]:
    """`py3-none-a.b` is `py3-none-a` and `py3-none-b`."""
    python, abi, platforms = tag.split("-")
    return [f"{python}-{abi}-{platform}" for platform in platforms.split(".")]


def readme(package: dict) -> str:
    """The README with links that lead to the repository at this version: PyPI has no other files of it."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    base = f"{package['repository']}/blob/v{package['version']}/"
    return re.sub(r"\]\((?![a-z]+:|#)([^)\s]+)\)", rf"]({base}\1)", text)


def metadata(package: dict) -> str:
    head = {
        "Metadata-Version": "2.4", "Name": package["name"], "Version": package["version"], "Summary": package["description"],
        "Keywords": ",".join(package["keywords"]), "License-Expression": package["license"], "Requires-Python": ">=3.8",
        "Project-URL": f"Source, {package['repository']}", "Description-Content-Type": "text/markdown; charset=UTF-8; variant=GFM",
    }
    lines = [f"{name}: {value}" for name, value in head.items()]
    lines += ["License-File: LICENSE-APACHE", "License-File: LICENSE-MIT"]
    return "\n".join(lines) + "\n\n" + readme(package)


def wheel(out: Path, tag: str, binary: Path) -> Path:
    package = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["package"]
    name = f"{package['name']}-{package['version']}"
    info = f"{name}.dist-info"
    script = "keystrel.exe" if binary.suffix == ".exe" else "keystrel"
    tags = "".join(f"Tag: {one}\n" for one in expanded(tag))
    files = {
        f"{name}.data/scripts/{script}": (binary.read_bytes(), 0o755),
        f"{info}/METADATA": (metadata(package).encode(), 0o644),
        f"{info}/WHEEL": (f"Wheel-Version: 1.0\nGenerator: keystrel\nRoot-Is-Purelib: false\n{tags}".encode(), 0o644),
        f"{info}/licenses/LICENSE-APACHE": ((ROOT / "LICENSE-APACHE").read_bytes(), 0o644),
        f"{info}/licenses/LICENSE-MIT": ((ROOT / "LICENSE-MIT").read_bytes(), 0o644),
    }
    digest = lambda data: base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()  # noqa: E731
    record = "".join(f"{path},sha256={digest(data)},{len(data)}\n" for path, (data, _) in files.items())
    files[f"{info}/RECORD"] = (f"{record}{info}/RECORD,,\n".encode(), 0o644)
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{name}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for at, (data, mode) in files.items():
            entry = zipfile.ZipInfo(at)  # 1980, the earliest time that there is
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return path


if __name__ == "__main__":
    for row in sys.argv[2:]:
        tag, _, binary = row.partition("=")
        print(wheel(Path(sys.argv[1]), tag, Path(binary)))
