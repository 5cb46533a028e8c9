#!/bin/sh
# Makes .venv with everything pyproject.toml and uv.lock ask for: called by the Makefile, from the checkout's root.
# Needs only a Python of 3.11 or newer; uses the one named by $PYTHON, else the first that fits.
# Writes nothing outside the checkout but the download caches of pip and uv.
set -eu

say() { printf 'set-up: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }
fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

python=
for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if fits "$candidate"; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
    found=$("${PYTHON:-python3}" --version 2>&1 || true)
    fail "difPy needs Python 3.11 or newer; found: ${found:-none}. If you have one elsewhere: make PYTHON=/path/to/python3"
fi

if ! fits .venv/bin/python; then
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then  # Debian and Ubuntu keep these in a package of their own
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            say "installing Debian's python3-venv"
            apt-get update -qq >&2
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "python$version-venv" >&2
        else
            fail "this Python cannot make virtual environments. On Debian and Ubuntu: sudo apt-get install python$version-venv"
        fi
    fi
    say "making .venv with $("$python" --version 2>&1)"
    "$python" -m venv --clear .venv
fi

# Certificates are the system's, as for pip; the Python is the one above; nothing is cached where nothing can be written.
export UV_SYSTEM_CERTS=1 UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv PIP_DISABLE_PIP_VERSION_CHECK=1
cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
{ [ -n "$cache" ] && mkdir -p "$cache" 2>/dev/null; } || export UV_NO_CACHE=1 PIP_NO_CACHE_DIR=1
unset VIRTUAL_ENV PYTHONHOME PYTHONPATH 2>/dev/null || true

say "installing what uv.lock pins"
if ! [ -x .venv/bin/uv ]; then
    .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null  # a .venv that uv made
    .venv/bin/python -m pip install --quiet 'uv>=0.11,<1'
fi
.venv/bin/uv sync --quiet --frozen --inexact --all-groups --all-extras --python .venv/bin/python

# The tests of pages drive a browser. Where none is found and none can be had, they say so, and the others run.
sh tools/browser.sh || say "no browser: the tests that look at pages will be left out"
