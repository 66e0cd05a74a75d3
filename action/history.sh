# Sees to it that the history a scan needs is there, in checkouts that are shallow or of one branch.
# What cannot be had ends the step: a scan of less than was asked for would pass in silence.
# shellcheck shell=bash

is_shallow() { [ "$(git rev-parse --is-shallow-repository)" = true ]; }

has() { git cat-file -e "$1^{commit}" 2> /dev/null; }

# fetch ARGUMENTS...: from the remote of the checkout; its complaint is kept for the message.
fetch() {
  is_on deepen "$INPUT_DEEPEN" || return 1
  FETCH_ERROR=$(git fetch --quiet --no-recurse-submodules --no-tags "$@" 2>&1)
}

lost() {
  local more="give actions/checkout \`fetch-depth: 0\`"
  if is_on deepen "$INPUT_DEEPEN"; then
    more="$more, or let it keep its credentials so that this step can fetch (git said: ${FETCH_ERROR:-nothing})"
  fi
  fail 3 "$1: $more"
}

# Whether a commit is there, or can be fetched: the server may have dropped it after a force push.
have_commit() {
  has "$1" && return
  if is_shallow; then
    is_on deepen "$INPUT_DEEPEN" || lost "the commit $1 is not in this checkout"
    # One commit of it suffices to know that it exists; have_between gets the rest.
    fetch --depth=1 origin "$1" || return 1
  else
    fetch origin "$1" || return 1
  fi
  has "$1"
}

# Whether all that is reachable from $2 and not from $1 is there: both ends, where they part, and no end of the clone between.
is_whole_between() {
  has "$1" && has "$2" || return 1
  is_shallow || return 0
  git merge-base "$1" "$2" > /dev/null || return 1
  local commits ends
  commits=$(git rev-list "$1..$2") || return 1
  ends=$(git rev-parse --git-path shallow)
  ! grep --quiet --fixed-strings --line-regexp --file="$ends" <<< "$commits"
}

# The tag itself, whose message is scanned with the commits: actions/checkout may have laid a plain one in its place.
have_tag() {
  git check-ref-format "$1" || fail 3 "\`$1\` is no name of a tag"
  has "$2" || have_commit "$2" || lost "the tag \`$1\` is not in this checkout"
  git update-ref "$1" "$2"
}

have_between() {
  local depth
  is_whole_between "$1" "$2" && return
  if is_shallow; then
    for depth in 64 1024; do
      fetch --depth="$depth" origin "$1" "$2" || break
      is_whole_between "$1" "$2" && return
    done
    fetch --unshallow origin "$1" "$2" || true
  else
    fetch origin "$1" "$2" || true
  fi
  is_whole_between "$1" "$2" || lost "the history between $1 and $2 is not in this checkout"
}

# The tip of a branch of the remote, as of now.
have_branch() {
  git check-ref-format "refs/heads/$1" || fail 3 "\`$1\` is no name of a branch"
  local depth=()
  if is_shallow; then depth=(--depth=1); fi
  fetch ${depth[@]+"${depth[@]}"} origin "+refs/heads/$1:refs/remotes/origin/$1" && return
  git rev-parse --verify --quiet "refs/remotes/origin/$1^{commit}" > /dev/null ||
    lost "the branch \`$1\` is not in this checkout"
}

# All branches and tags, with all of their history.
have_everything() {
  local whole=()
  if is_shallow; then whole=(--unshallow); fi
  fetch ${whole[@]+"${whole[@]}"} origin '+refs/heads/*:refs/remotes/origin/*' '+refs/tags/*:refs/tags/*' || true
  if is_shallow; then lost 'this checkout is shallow'; fi
  # A whole clone of one branch that cannot fetch is scanned as it is, and says so.
  if [ -n "${FETCH_ERROR:-}" ]; then warn "other branches and tags could not be fetched: $FETCH_ERROR"; fi
}

# The contents of what is scanned, in checkouts whose files were left with the server (`filter: blob:none`): those of the commits
# that the argument names, a range or `--all`, and of a range what they replace, for a value that was there is no news.
# One request for all: git's own way is one for each.
have_contents() {
  [ "$(git config --get remote.origin.promisor)" = true ] || return 0
  local missing replaced=
  missing=$(git rev-list --objects --missing=print "$1" | sed -n 's/^?//p')
  if ! is_on deepen "$INPUT_DEEPEN"; then
    [ -z "$missing" ] || lost 'files were left with the server when this was checked out'
    return 0
  fi
  if [ "$1" != --all ]; then
    replaced=$(git rev-list "$1" | git diff-tree --stdin -r -m --raw --no-renames --no-commit-id | cut -d ' ' -f 3 | sort -u | sed '/^0*$/d')
  fi
  [ -n "$missing$replaced" ] || return 0
  # As git does it: promisor-remote.c, fetch_objects, read November 2026.
  FETCH_ERROR=$(printf '%s\n' "$missing" "$replaced" | sed '/^$/d' |
    git -c fetch.negotiationAlgorithm=noop fetch --quiet --no-tags --no-write-fetch-head --no-recurse-submodules \
      --filter=blob:none --stdin origin 2>&1) || lost 'files were left with the server when this was checked out'
}
