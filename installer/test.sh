#!/usr/bin/env bash
# Sets up what is missing, then checks style, types and import rules and runs the tests.
# Arguments go to pytest. Every check runs even when an earlier one failed; the exit code tells of all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash installer/setup.sh --test
export PATH="$PWD/.venv/bin:$PATH"
export QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-offscreen}" # a test that wants a real display starts its own
export HYPOTHESIS_PROFILE="${HYPOTHESIS_PROFILE:-ci}"

failed=()
check() {
  local name="$1"
  shift
  printf '== %s\n' "$name" >&2
  "$@" || failed+=("$name")
}

has_flag() {
  local flag="$1" argument
  shift
  for argument in "$@"; do [[ "$argument" == "$flag"* ]] && return; done
  return 1
}

# Slow runs and benchmarks are asked for by name; benchmarks and debuggers want one process.
defaults=()
has_flag -m "$@" || defaults+=(-m "not slow and not bench")
if ! has_flag -n "$@" && ! has_flag --pdb "$@" && [[ "$*" != *bench* ]]; then
  defaults+=(-n 2 --dist loadfile --no-loadscope-reorder) # in the order of tests/conftest.py, long files first
fi

check "ruff check" ruff check
check "ruff format" ruff format --check
check "import rules" lint-imports
# Types keep one core busy for half a minute: they are looked at beside the tests, and told of afterwards.
types="$(mktemp)"
trap 'rm -f "$types"' EXIT
mypy >"$types" 2>&1 &
looked_at=$!
types_are_right() {
  local code=0
  wait "$looked_at" || code=$?
  cat "$types"
  return "$code"
}
check "tests" pytest "${defaults[@]}" "$@"
check "mypy" types_are_right

if ((${#failed[@]})); then
  printf 'Failed: %s\n' "${failed[*]}" >&2
  exit 1
fi
