#!/usr/bin/env bash
# Makes .venv ready: system libraries, locked Python packages, the product itself.
#   setup.sh          what the desk and the demo need
#   setup.sh --test   what the tests need as well
# JINPU_PYTHON names the Python to use. A second call finds everything in place and returns at once.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"

say() { printf '%s\n' "$@" >&2; }
die() { say "" "$@"; exit 3; }

level=desk
case "${1:-}" in
  "") ;;
  --test) level=test ;;
  *) say "usage: setup.sh [--test]"; exit 2 ;;
esac

# --- Python -------------------------------------------------------------------------------------

fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
  local name candidates=(.venv/bin/python python3 python3.13 python3.12 python3.11) # the one in use stays
  [[ -n "${JINPU_PYTHON:-}" ]] && candidates=("$JINPU_PYTHON")
  for name in "${candidates[@]}"; do
    if command -v "$name" >/dev/null && fits "$name"; then
      command -v "$name"
      return
    fi
  done
  return 1
}

python="$(find_python)" || die \
  "Python 3.11 or newer was not found${JINPU_PYTHON:+ at $JINPU_PYTHON}." \
  "Install it (Debian 12: apt-get install python3 python3-venv) or name one in JINPU_PYTHON." \
  "未找到 Python 3.11 或更高版本，请先安装，或用 JINPU_PYTHON 指定其位置。"

# --- System libraries ---------------------------------------------------------------------------

PATH="$PATH:/usr/sbin:/sbin" # where ldconfig and some of the programs are, and not on a user's PATH
libraries="$(ldconfig -p)" || libraries=""

present() {
  case "$1" in
    *.so.*) [[ "$libraries" == *"	$1 ("* ]] ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

missing_packages() {
  local needed probe package
  while read -r needed probe package; do
    [[ -z "$needed" || "$needed" == "#"* ]] && continue
    [[ "$needed" == test && "$level" == desk ]] && continue
    present "$probe" || printf '%s\n' "$package"
  done < installer/system.list
  if [[ ! -x .venv/bin/python ]] && ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    printf '%s\n' "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
  fi
}

apt_get() {
  local as_root=()
  [[ "$(id -u)" == 0 ]] || as_root=(sudo -n)
  # The list of a long-running counter PC is old; one that is fresh enough needs no network.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2 && return
  "${as_root[@]}" apt-get update -q >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2
}

may_install() {
  command -v apt-get >/dev/null || return 1
  [[ "$(id -u)" == 0 ]] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

mapfile -t missing < <(missing_packages)
if ((${#missing[@]})); then
  may_install || die \
    "These system packages are missing: ${missing[*]}" \
    "Ask an administrator to run: apt-get install ${missing[*]}" \
    "缺少系统组件，请管理员执行上面一行命令后重试。"
  say "Installing system packages: ${missing[*]}" "正在安装系统组件……"
  apt_get "${missing[@]}" || die \
    "apt-get could not install: ${missing[*]}" \
    "系统组件安装失败，请检查网络或软件源后重试。"
fi

# --- Python packages ----------------------------------------------------------------------------

lock="installer/lock/$level.lock"
stamp=".venv/jinpu-$level.stamp"

fingerprint() {
  "$python" -V
  sha256sum pyproject.toml installer/lock/*.lock
  printf '%s\n' "$root"
}

up_to_date() {
  [[ -x .venv/bin/jinpu-desk && -f "$stamp" && "$(<"$stamp")" == "$now" ]]
}

pip_install() {
  local attempt
  for attempt in first second; do
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input "$@" >&2 && return
    [[ "$attempt" == first ]] && say "The download did not finish; trying once more." "下载未完成，正在重试……"
  done
  return 1
}

now="$(fingerprint)"
up_to_date && exit 0

say "Preparing .venv ($level); the first time takes a few minutes." "正在准备运行环境，首次需要几分钟。"
if command -v flock >/dev/null; then
  exec 9< installer/setup.sh
  flock 9 # two windows opened at once: the second waits and then finds everything done
  up_to_date && exit 0
fi

rm -f .venv/jinpu-*.stamp
stale() { # made by another Python, or in a folder that has since been moved
  [[ -x .venv/bin/python ]] || return 1
  [[ "$(.venv/bin/python -V 2>&1)" == "$("$python" -V)" ]] || return 0
  ! grep -qsF "$root/.venv" .venv/pyvenv.cfg
}

if stale; then
  "$python" -m venv --clear .venv
elif ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  "$python" -m venv .venv
fi
# Wheels only: an office PC has no compiler, and a wheel's hash says exactly what will run.
pip_install --require-hashes --only-binary :all: --requirement "$lock" || die \
  "The locked packages of $lock could not be installed." \
  "依赖包安装失败，请检查网络或内网软件源设置（pip 配置）后重试。"
pip_install --no-deps --no-build-isolation --editable . || die \
  "The product itself could not be installed into .venv." \
  "程序安装失败，请把上面的信息发给维护人员。"

# The test lock holds every pin of the desk's lock, so being ready for the tests is being ready to run.
printf '%s\n' "$now" | tee .venv/jinpu-desk.stamp "$stamp" > /dev/null
say "Ready." "运行环境已就绪。"
