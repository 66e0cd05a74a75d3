# What the steps of the action share. Inputs come in as INPUT_* and are data: nothing of them is evaluated.
# Written for bash 3.2 and later, which is what macOS has.
# shellcheck shell=bash
set -euo pipefail

# Nothing may wait for an answer, and nothing of the checkout may run: neither its hooks nor a file monitor.
export GIT_TERMINAL_PROMPT=0 LC_ALL=C

# Text as the data of a workflow command. Source: actions/toolkit, packages/core/src/command.ts, read November 2026.
escaped() {
  local text=$1
  text=${text//'%'/%25}
  text=${text//$'\r'/%0D}
  printf '%s' "${text//$'\n'/%0A}"
}

# fail CODE WORDS...: ends the step. The codes are those of keystrel: 2 wrong usage, 3 could not scan.
fail() {
  local code=$1
  shift
  printf '::error title=keystrel::%s\n' "$(escaped "$*")" >&2
  exit "$code"
}

warn() { printf '::warning title=keystrel::%s\n' "$(escaped "$*")" >&2; }
note() { printf '::notice title=keystrel::%s\n' "$(escaped "$*")" >&2; }

# output NAME VALUE. A value of several lines could set other outputs, so there is none.
output() {
  case $2 in *$'\n'* | *$'\r'*) fail 2 "output $1 has a line break in it" ;; esac
  printf '%s=%s\n' "$1" "$2" >> "$GITHUB_OUTPUT"
}

# is_on NAME VALUE: whether an input that is `true` or `false` is on.
is_on() {
  case $2 in
    true) return 0 ;;
    false) return 1 ;;
    *) fail 2 "input $1 is \`$2\`: it is true or false" ;;
  esac
}

# lines TEXT: its lines without surrounding spaces, none that is empty, into the array EACH.
lines() {
  EACH=()
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%$'\r'}
    line=${line#"${line%%[![:space:]]*}"}
    line=${line%"${line##*[![:space:]]}"}
    [ -z "$line" ] || EACH+=("$line")
  done <<< "$1"
}

needs() {
  command -v "$1" > /dev/null || fail 3 "\`$1\` is not on this runner, and this action needs it"
}

# The directory to work in.
enter() {
  [ -d "$1" ] || fail 3 "working-directory \`$1\` is no directory: is there a step with actions/checkout before this one?"
  cd -- "$1"
  # In a container the checkout belongs to another user, which git refuses; it is the runner's own.
  configure safe.directory "$PWD"
  configure core.hooksPath /dev/null
  configure core.fsmonitor false
}

# configure KEY VALUE: for every git of this step, after what the environment says already.
configure() {
  local count=${GIT_CONFIG_COUNT:-0}
  export "GIT_CONFIG_KEY_$count=$1" "GIT_CONFIG_VALUE_$count=$2" "GIT_CONFIG_COUNT=$((count + 1))"
}

# sha256 FILE: its digest in hexadecimal.
sha256() {
  if command -v sha256sum > /dev/null; then
    sha256sum < "$1" | cut -d ' ' -f 1
  else
    shasum -a 256 < "$1" | cut -d ' ' -f 1
  fi
}

# Where the files of this action are kept between its steps.
state() {
  STATE=$RUNNER_TEMP/keystrel
  mkdir -p "$STATE"
}
