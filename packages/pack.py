"""pack.py ROOT NAME ARCHIVE: packs ROOT/NAME as tar.gz, the same bytes for the same files wherever it runs."""

import gzip
import os
import sys
import tarfile
from pathlib import Path

root, name, archive = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
epoch = int(os.environ["SOURCE_DATE_EPOCH"])
paths = sorted([root / name, *(root / name).rglob("*")])
with archive.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as zipped:
    with tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in paths:
            entry = tar.gettarinfo(path, str(path.relative_to(root)))
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = "root"
            entry.mtime = epoch
            if entry.isreg():
                with path.open("rb") as content:
                    tar.addfile(entry, content)
            else:
                tar.addfile(entry)
