#!/usr/bin/env bash
# Makes both locks again from pyproject.toml, keeping every pin that still fits.
# Needs uv on the PATH; `refresh.sh --upgrade` moves the pins to the newest versions that fit.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

compile() {
  # setuptools is locked too: it builds the editable install without looking for a newer one.
  echo "setuptools>=77" | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-annotate --no-header "$@" pyproject.toml -
}

compile "$@" --all-extras --output-file installer/lock/test.lock
# The desk's lock is a part of the test lock, so both always name the same versions.
compile --extra server --constraint installer/lock/test.lock --output-file installer/lock/desk.lock
