#!/usr/bin/env bash
# Decides what is scanned: `mode` and `range`, by the event that the workflow runs for.
#
# Source of the events and their fields: https://docs.github.com/en/webhooks/webhook-events-and-payloads and
# https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows, read November 2026.
# shellcheck source=action/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=action/history.sh
. "$(dirname "$0")/history.sh"

decide() {
  MODE=$1
  REASON=$2
}

event() { jq -r "$1 // empty" < "$GITHUB_EVENT_PATH"; }

# commit NAME ID: an id of the event, which is data: only what looks like one goes on.
commit() {
  [[ $2 =~ ^([0-9a-f]{40}|[0-9a-f]{64})$ ]] || fail 3 "the event has no usable $1: \`$2\`"
  printf '%s' "$2"
}

is_zero() { [[ $1 =~ ^0+$ ]]; }

# What is reachable from HEAD_ID and not from BASE_ID.
between() {
  local base=$1 head=$2 reason=$3
  have_between "$base" "$head"
  RANGE=$base..$head
  if [ -z "$(git rev-list --max-count=1 "$RANGE")" ]; then
    decide nothing "$reason: it brings in no commit"
    RANGE=
  else
    have_contents "$RANGE"
    decide range "$reason"
  fi
}

pull_request() {
  local base head
  base=$(commit pull_request.base.sha "$(event .pull_request.base.sha)")
  head=$(commit pull_request.head.sha "$(event .pull_request.head.sha)")
  between "$base" "$head" 'what the pull request brings in, since it left its base'
}

merge_group() {
  local base head
  base=$(commit merge_group.base_sha "$(event .merge_group.base_sha)")
  head=$(commit merge_group.head_sha "$(event .merge_group.head_sha)")
  between "$base" "$head" 'what the merge group brings in'
}

push() {
  local before after ref default
  ref=$(event .ref)
  before=$(event .before)
  after=$(event .after)
  if [ "$(event .deleted)" = true ] || is_zero "$after"; then
    decide nothing "\`$ref\` was deleted"
    return
  fi
  after=$(commit after "$after")
  case $ref in refs/tags/*) have_tag "$ref" "$after" ;; esac
  if ! is_zero "$before"; then
    before=$(commit before "$before")
    if have_commit "$before"; then
      between "$before" "$after" "what was pushed to \`$ref\`"
      message_of_tag "$after"
      return
    fi
    warn "the push replaced $before, which the server no longer has: more is scanned instead"
  fi
  default=$(event .repository.default_branch)
  [ -n "$default" ] || fail 3 'the event does not name the default branch'
  if [ "$ref" = "refs/heads/$default" ]; then
    whole "the first push to \`$ref\`, or one that replaced all of it"
    return
  fi
  have_branch "$default"
  between "$(git rev-parse "refs/remotes/origin/$default^{commit}")" "$after" "what \`$ref\` has and \`$default\` has not"
  message_of_tag "$after"
}

# An annotated tag on commits that are no news: its message is. Of a range that ends in one, keystrel scans it too.
message_of_tag() {
  if [ "$MODE" = nothing ] && [ "$(git cat-file -t "$1")" = tag ]; then
    decide tag 'the message of a tag, whose commits are no news'
    RANGE=$1
  fi
}

whole() {
  have_everything
  have_contents --all
  decide full "$1"
}

by_event() {
  case $GITHUB_EVENT_NAME in
    push) push ;;
    # Those about a pull request have it in the event.
    pull_request | pull_request_review | pull_request_review_comment) pull_request ;;
    merge_group) merge_group ;;
    delete) decide nothing 'a branch or tag was deleted' ;;
    *) whole "all of the repository, for \`$GITHUB_EVENT_NAME\`" ;;
  esac
}

main() {
  # It runs with the secrets of the base repository on what a stranger sent. Nothing here needs that: `pull_request` has all
  # that a scan wants. https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/
  if [ "$GITHUB_EVENT_NAME" = pull_request_target ]; then
    fail 2 'this action refuses pull_request_target, which gives secrets of this repository to code of strangers: use pull_request'
  fi
  needs jq
  RANGE=
  case $INPUT_COMMAND in
    scan) ;;
    audit)
      decide audit 'secret stores'
      finish
      return
      ;;
    *) fail 2 "input command is \`$INPUT_COMMAND\`: it is scan or audit" ;;
  esac
  lines "$INPUT_TARGETS"
  if [ ${#EACH[@]} -gt 0 ]; then
    decide targets 'the targets that were given'
    finish
    return
  fi
  needs git
  enter "$INPUT_DIRECTORY"
  case $INPUT_MODE in
    worktree) decide worktree 'the work tree, as the input mode says' ;;
    *)
      git rev-parse --git-dir > /dev/null 2>&1 ||
        fail 3 "there is no git repository in \`$INPUT_DIRECTORY\`: put a step with actions/checkout before this one, or use mode: worktree"
      ;;
  esac
  case $INPUT_MODE in
    worktree) ;;
    auto) if [ -n "$INPUT_RANGE" ]; then named_range; else by_event; fi ;;
    full) whole 'all of the repository, as the input mode says' ;;
    range) named_range ;;
    *) fail 2 "input mode is \`$INPUT_MODE\`: it is auto, full, range or worktree" ;;
  esac
  finish
}

# A range that the workflow names. It has to be in the checkout: whoever writes a range says fetch-depth too.
named_range() {
  [ -n "$INPUT_RANGE" ] || fail 2 'mode: range needs the input range'
  case $INPUT_RANGE in -* | *[[:space:]]*) fail 2 "range \`$INPUT_RANGE\` is none" ;; esac
  RANGE=$INPUT_RANGE
  decide range 'the range that was given'
}

finish() {
  output mode "$MODE"
  output range "$RANGE"
  output reason "$REASON"
  printf 'mode: %s%s (%s)\n' "$MODE" "${RANGE:+ $RANGE}" "$REASON"
}

main
