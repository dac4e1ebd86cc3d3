#!/bin/sh
# Make .venv from uv.lock with nothing but python3 and one of uv, pip or venv; say each step.
# `GROUP=dev sh bootstrap.sh` adds what the tests need. Touches nothing outside this folder.
set -eu
cd "$(dirname "$0")"

python=${PYTHON:-python3}
group=${GROUP:-}
stamp=.venv/.bookrunner
pip_options="-q --disable-pip-version-check --root-user-action=ignore"
tell() { printf '%s\n' "$*" >&2; }
fail() { tell "$*"; exit 1; }
quietly() { said=$("$@" 2>&1) || { tell "$said"; return 1; }; }

command -v "$python" >/dev/null 2>&1 || fail "$python is not there: install Python 3.11 or newer, or set PYTHON="
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
  || fail "Python 3.11 or newer is needed (this is $("$python" -V 2>&1)); set PYTHON="

# Where Python may write no bytecode (PYTHONDONTWRITEBYTECODE, a folder of somebody else's), every
# start would translate the program and all that it uses anew, a second of it; so it is done here.
translate() { .venv/bin/python -m compileall -q api pipeline stages || true; }

# Done already, for these very files? What was installed for the tests also runs the program.
sum=$(cat uv.lock pyproject.toml requirements.lock bootstrap.sh | cksum)
had=$(cat "$stamp" 2>/dev/null || true)
case $had in
  "$sum dev") translate; exit 0 ;;
  "$sum ") [ -n "$group" ] || { translate; exit 0; } ;;
  *" dev") group=dev ;;
esac

find_uv() { command -v uv || { [ -x .tools/bin/uv ] && echo .tools/bin/uv; }; }

# `pip install --target` is not stopped by an externally managed Python and needs no python3-venv.
fetch_uv() {
  tell "fetching uv, the installer, into .tools"
  if "$python" -m pip --version >/dev/null 2>&1; then
    quietly "$python" -m pip install $pip_options --upgrade --target .tools "uv>=0.9,<1"
  elif "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    "$python" -m venv .tools && quietly .tools/bin/python -m pip install $pip_options "uv>=0.9,<1"
  else
    fail "Python has neither pip nor venv (Debian, Ubuntu: apt install python3-venv)"
  fi
}

with_uv() {
  uv=$(find_uv) || { fetch_uv && uv=$(find_uv); } || return 1
  tell "installing into .venv what uv.lock names${group:+, and what the tests need}"
  # uv reads neither pip's environment nor its configuration; what is set for pip is meant for us.
  export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1 UV_LINK_MODE="${UV_LINK_MODE:-copy}"
  [ -z "${PIP_INDEX_URL:-}" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$PIP_INDEX_URL}"
  [ -z "${PIP_CERT:-}" ] || export SSL_CERT_FILE="${SSL_CERT_FILE:-$PIP_CERT}"
  "$uv" sync -q --frozen --compile-bytecode ${group:+--group "$group"} --python "$python"
}

with_pip() {
  tell "uv could not do it; using pip instead (slower)"
  rm -rf .venv
  "$python" -m venv .venv || fail "venv is missing (Debian, Ubuntu: apt install python3-venv)"
  set -- -r requirements.lock
  [ -z "$group" ] || set -- "$@" -r requirements-dev.lock
  quietly .venv/bin/python -m pip install $pip_options --require-hashes "$@"
  quietly .venv/bin/python -m pip install $pip_options --no-deps -e .
}

with_uv || with_pip
translate
printf '%s %s' "$sum" "$group" > "$stamp"
