#!/bin/sh
# Installs the browser that the tests of the HTML page run in, where there is none (Debian's Chromium:
# 100 MB to fetch, half a minute). Without one those tests are skipped and the rest can run, so that
# failing to get it is a warning and no error.
set -eu

has_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

has_browser >/dev/null && exit 0

if command -v apt-get >/dev/null; then
  as_root=""
  if [ "$(id -u)" -ne 0 ]; then as_root="sudo -n"; fi
  echo "installing: chromium"
  export DEBIAN_FRONTEND=noninteractive
  install="$as_root apt-get install -y -qq --no-install-recommends chromium"
  $install </dev/null >/dev/null 2>&1 || {
    # The package lists of a fresh machine are empty or stale.
    $as_root apt-get update -qq </dev/null >/dev/null 2>&1 || true
    $install </dev/null >/dev/null 2>&1 || true
  }
fi
has_browser >/dev/null && exit 0
echo "warning: no Chromium and no way to install it: the tests of 'diff --html' will be skipped" >&2
echo "hint: install chromium or google-chrome and run the tests again" >&2
