#!/bin/sh
# usage: make-python-environment.sh DIRECTORY REQUIREMENTS
# A virtual environment with the pinned packages that the witnesses need. Marks its end with
# DIRECTORY/installed, which is what make looks at.
set -eu

directory=$1
requirements=$2

python=""
for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
[ -n "$python" ] || {
  echo "error: the witnesses need Python 3.11 or newer" >&2
  exit 2
}
rm -f "$directory/installed"
"$python" -m venv --clear "$directory" >/dev/null 2>&1 || {
  # Debian ships venv's installer apart from Python.
  if command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ]; then
    apt-get install -y -qq --no-install-recommends python3-venv </dev/null >/dev/null 2>&1 || {
      apt-get update -qq </dev/null
      apt-get install -y -qq --no-install-recommends python3-venv </dev/null >/dev/null
    }
  elif command -v apt-get >/dev/null && command -v sudo >/dev/null; then
    sudo apt-get install -y -qq --no-install-recommends python3-venv </dev/null >/dev/null
  fi
  "$python" -m venv --clear "$directory"
}
"$directory/bin/python" -m pip install --quiet --disable-pip-version-check \
  --requirement "$requirements"
touch "$directory/installed"
