#!/usr/bin/env bash
# Sets up what is missing, then starts the demo: `run.sh [ARGS]` is `jinpu-desk demo ARGS`.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
bash "$here/setup.sh"
exec "$here/../.venv/bin/jinpu-desk" demo "$@"
