"""pack.py ROOT NAME ARCHIVE: packs ROOT/NAME as tar.gz or zip, the same bytes for the same files wherever it runs.

SOURCE_DATE_EPOCH is the time of all files: https://reproducible-builds.org/docs/source-date-epoch/.
"""

import gzip
import os
import sys
import tarfile
import time
import zipfile
from pathlib import Path


def tar(archive: Path, root: Path, paths: list[Path], epoch: int) -> None:
    with archive.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as zipped:
        with tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as out:
            for path in paths:
                entry = out.gettarinfo(path, path.relative_to(root).as_posix())
                entry.uid = entry.gid = 0
                entry.uname = entry.gname = "root"
                entry.mtime = epoch
                if entry.isreg():
                    with path.open("rb") as content:
                        out.addfile(entry, content)
                else:
                    out.addfile(entry)


def zip_(archive: Path, root: Path, paths: list[Path], epoch: int) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for path in (path for path in paths if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), time.gmtime(epoch)[:6])
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, path.read_bytes())


if __name__ == "__main__":
    base, name, to = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    pack = zip_ if to.suffix == ".zip" else tar
    pack(to, base, sorted([base / name, *(base / name).rglob("*")]), int(os.environ["SOURCE_DATE_EPOCH"]))
