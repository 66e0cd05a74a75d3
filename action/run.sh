#!/usr/bin/env bash
# Runs keystrel as it was planned. What it finds, or that it failed, is an output; the last step makes it the result, so that
# reports can be uploaded first.
# shellcheck source=action/lib.sh
. "$(dirname "$0")/lib.sh"

# Adds an option for each line of an input.
each() {
  local option=$1 row
  lines "$2"
  for row in ${EACH[@]+"${EACH[@]}"}; do ARGUMENTS+=("$option" "$row"); done
}

# Adds an option if its input is not empty.
one() { if [ -n "$2" ]; then ARGUMENTS+=("$1" "$2"); fi; }

scan_arguments() {
  ARGUMENTS=(scan --no-progress --color never)
  case $PLAN_MODE in
    full | targets) one --ledger "$INPUT_LEDGER" ;;
    range) ARGUMENTS+=(--range "$PLAN_RANGE") ;;
    worktree) ARGUMENTS+=(--no-history) ;;
    tag) ;;
    *) fail 2 "there is no plan \`$PLAN_MODE\`" ;;
  esac
  one --config "$INPUT_CONFIG"
  one --baseline "$INPUT_BASELINE"
  one --profile "$INPUT_PROFILE"
  each --policy "$INPUT_POLICIES"
  if is_on no-inline "$INPUT_NO_INLINE"; then ARGUMENTS+=(--no-inline); fi
  ARGUMENTS+=(--report "json=$STATE/report.json" --report "github=$STATE/annotations")
}

audit_arguments() {
  ARGUMENTS=(audit --no-progress --color never)
  one --config "$INPUT_CONFIG"
  each --from "$INPUT_INVENTORY"
  each --framework "$INPUT_FRAMEWORKS"
  each --policy "$INPUT_POLICIES"
  ARGUMENTS+=(--report "json=$STATE/report.json")
}

# What is asked about comes last, behind `--`.
targets() {
  ARGUMENTS+=(--)
  case $PLAN_MODE in
    tag) ARGUMENTS+=(-) ;;
    targets | audit)
      lines "$INPUT_TARGETS"
      if [ ${#EACH[@]} -gt 0 ]; then ARGUMENTS+=("${EACH[@]}"); fi
      ;;
    *) ARGUMENTS+=(.) ;;
  esac
}

run() {
  local code=0
  # Lines of the report quote file names and text of strangers, which must not be taken for commands to the runner.
  local pause
  pause=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '::stop-commands::%s\n' "$pause"
  case $PLAN_MODE in
    tag) git cat-file tag "$PLAN_RANGE" | "$BINARY" "${ARGUMENTS[@]}" || code=$? ;;
    *) "$BINARY" "${ARGUMENTS[@]}" < /dev/null || code=$? ;;
  esac
  printf '::%s::\n' "$pause"
  CODE=$code
}

# Whether SARIF is uploaded: the token of a pull request from a fork may only read, and code scanning takes for fixed what the
# last upload for a branch does not name, as the range of the next push would not.
may_upload() {
  is_on upload-sarif "$INPUT_UPLOAD" || return 1
  [ -s "$SARIF" ] || return 1
  if [ "$GITHUB_EVENT_NAME" = push ] && [ "$PLAN_MODE" != full ] && [ "$PLAN_MODE" != worktree ]; then
    note 'SARIF of one push is not uploaded, since what earlier ones brought in would then count as fixed: for that use mode: full'
    return 1
  fi
  local from to
  from=$(jq -r '.pull_request.head.repo.full_name // empty' < "$GITHUB_EVENT_PATH")
  to=$(jq -r '.repository.full_name // empty' < "$GITHUB_EVENT_PATH")
  if [ -n "$from" ] && [ "$from" != "$to" ]; then
    note 'SARIF is not uploaded: the token of a pull request from a fork may not. The summary has it all.'
    return 1
  fi
}

numbers() {
  local program='[.findings[]? | select(.status.state == "open")] | length'
  if [ "$PLAN_MODE" = audit ]; then program='[.checks[]? | select(.verdict == "fail")] | length'; fi
  output findings "$(jq -r "$program" < "$STATE/report.json")"
  output complete "$(jq -r 'if has("complete") then .complete
    else ([.checks[] | select(.verdict == "unknown")] + .lost + .policy_errors + [.stores[].gaps[]]) == [] end' < "$STATE/report.json")"
  output commits "$(jq -r '.counts.commits // 0' < "$STATE/report.json")"
  output bytes "$(jq -r '.counts.bytes // 0' < "$STATE/report.json")"
}

nothing() {
  output exit-code 0
  output findings 0
  output complete true
  output commits 0
  output bytes 0
  output upload false
  if is_on summary "$INPUT_SUMMARY"; then
    printf '### keystrel: nothing to scan\n\n%s\n' "$PLAN_REASON" >> "$GITHUB_STEP_SUMMARY"
  fi
  printf 'nothing to scan: %s\n' "$PLAN_REASON"
}

main() {
  state
  rm -f "$STATE/report.json" "$STATE/annotations"
  if [ "$PLAN_MODE" = nothing ]; then
    nothing
    return
  fi
  enter "$INPUT_DIRECTORY"
  SARIF=${INPUT_SARIF_FILE:-$STATE/keystrel.sarif}
  case $SARIF in /* | [A-Za-z]:*) ;; *) SARIF=$PWD/$SARIF ;; esac
  rm -f "$SARIF"
  case $PLAN_MODE in audit) audit_arguments ;; *) scan_arguments ;; esac
  if [ "$INPUT_FAIL_ON" != never ]; then one --fail-on "$INPUT_FAIL_ON"; fi
  ARGUMENTS+=(--report "sarif=$SARIF")
  each --report "$INPUT_REPORTS"
  lines "$INPUT_EXTRA"
  if [ ${#EACH[@]} -gt 0 ]; then ARGUMENTS+=("${EACH[@]}"); fi
  targets
  run
  output exit-code "$CODE"
  if ! [ -s "$STATE/report.json" ]; then
    # Wrong usage, or nothing could be opened: keystrel has said why.
    output findings 0
    output complete false
    output upload false
    return
  fi
  numbers
  output json-file "$STATE/report.json"
  output sarif-file "$SARIF"
  if is_on annotations "$INPUT_ANNOTATIONS"; then annotate; fi
  if is_on summary "$INPUT_SUMMARY"; then
    jq -r --arg reason "$PLAN_REASON" --arg blob "${GITHUB_SERVER_URL:-https://github.com}/$GITHUB_REPOSITORY/blob/" \
      --arg code "$CODE" --arg head "${GITHUB_SHA:-}" -L "$ACTION_PATH/action" \
      -f "$ACTION_PATH/action/$INPUT_COMMAND.jq" < "$STATE/report.json" >> "$GITHUB_STEP_SUMMARY"
  fi
  if may_upload; then output upload true; else output upload false; fi
}

annotate() {
  if [ "$PLAN_MODE" != audit ]; then
    cat "$STATE/annotations"
    return
  fi
  # GitHub shows ten of a step.
  jq -r 'def data: gsub("%"; "%25") | gsub("\r"; "%0D") | gsub("\n"; "%0A");
    .controls as $controls
    | [.checks[] | select(.verdict == "fail")] | group_by(.control)
    | map({id: .[0].control, severity: .[0].severity, count: length})
    | sort_by({critical: 0, high: 1, medium: 2, low: 3, info: 4}[.severity])[:10][]
    | "::\(if .severity == "critical" or .severity == "high" then "error" elif .severity == "medium" then "warning" else "notice" end) title=\(.id)::\("\($controls[.id].title): \(.count) of \(.severity) severity. \($controls[.id].remediation)" | data)"' \
    < "$STATE/report.json"
}

main
