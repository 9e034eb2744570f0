#!/bin/sh
# Installs the system packages that a build needs and that are missing; silent when none is.
# On systems without apt-get it says what to install.
set -eu

missing=""
need() { missing="$missing $1"; }

# Asks the compiler rather than the package manager, so that a library from elsewhere counts.
compiler=$(command -v clang || command -v cc || echo clang)
has_header() { printf '#include <%s>\n' "$1" | "$compiler" -fsyntax-only -x c - 2>/dev/null; }

command -v swift >/dev/null || {
  echo "error: no 'swift' on the PATH" >&2
  echo "hint: install a Swift toolchain, 6.1 or newer: https://www.swift.org/install" >&2
  exit 2
}
command -v pkg-config >/dev/null || need pkg-config
has_header protobuf-c/protobuf-c.h || need libprotobuf-c-dev
has_header dnnl.h || need libdnnl-dev
has_header zip.h || need libzip-dev
has_header png.h || need libpng-dev
has_header turbojpeg.h || need libturbojpeg0-dev
command -v dot >/dev/null || need graphviz

[ -z "$missing" ] && exit 0

case "$(uname -s)" in
Darwin)
  echo "error: missing:$missing" >&2
  echo "hint: brew install pkgconf protobuf-c onednn libzip libpng jpeg-turbo graphviz" >&2
  exit 2 ;;
esac
command -v apt-get >/dev/null || {
  echo "error: missing (by Debian's names):$missing" >&2
  echo "hint: install the packages of these names with the system's package manager" >&2
  exit 2
}

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "error: missing packages:$missing, and neither root nor sudo to install them" >&2
    echo "hint: ask an administrator for: apt-get install$missing" >&2
    exit 2
  }
  as_root="sudo"
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
# The lists are meant to be split.
install="$as_root apt-get install -y -qq --no-install-recommends $missing"
$install </dev/null >/dev/null 2>&1 || {
  # The package lists of a fresh machine are empty or stale.
  $as_root apt-get update -qq </dev/null
  $install </dev/null >/dev/null
}
