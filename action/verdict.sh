#!/usr/bin/env bash
# Ends the job as the scan or audit ended.
# shellcheck source=action/lib.sh
. "$(dirname "$0")/lib.sh"

main() {
  case $RUN_EXIT_CODE in
    0) return ;;
    1)
      if [ "$INPUT_FAIL_ON" != never ]; then fail 1 "$RUN_FINDINGS found: the summary of this job names them"; fi
      # Findings hide that something could not be read, which `never` does not accept.
      if [ "$RUN_COMPLETE" = false ]; then partial; fi
      ;;
    2) fail 2 'wrong usage or configuration: see the log above' ;;
    4) partial ;;
    *) fail 3 "nothing could be scanned or audited (exit code ${RUN_EXIT_CODE:-none}): see the log above" ;;
  esac
}

partial() {
  if is_on fail-on-partial "$INPUT_FAIL_ON_PARTIAL"; then
    fail 4 'not everything could be read: the summary of this job names it'
  fi
  warn 'not everything could be read: the summary of this job names it'
}

main
