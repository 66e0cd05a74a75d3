# Sourced by the scripts beside it.

# measure COMMAND...: the run of least CPU of $runs, as "wall cpu peak".
measure() {
  for _ in $(seq "$runs"); do
    python3 - "$@" <<'PY'
import os, resource, subprocess, sys, time
# What started this python may have had children of its own.
before = resource.getrusage(resource.RUSAGE_CHILDREN)
start = time.monotonic()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
wall = time.monotonic() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{wall:.3f} {used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime:.3f} {used.ru_maxrss / 1024:.1f}")
PY
  done | sort -k2 -n | head -1
}
