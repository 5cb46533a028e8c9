#!/bin/sh
# Has a Chromium for the tests of pages: one that is there, else Debian's for root, else Playwright's own.
set -eu

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if .venv/bin/python -m playwright install --list 2>/dev/null | grep -qi chromium; then exit 0; fi

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    printf 'set-up: installing chromium, for the tests of pages\n' >&2
    export DEBIAN_FRONTEND=noninteractive
    { apt-get install -y -qq --no-install-recommends chromium ||
      { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; }; } >/dev/null 2>&1 && exit 0
fi
timeout 300 .venv/bin/python -m playwright install chromium-headless-shell >/dev/null 2>&1
