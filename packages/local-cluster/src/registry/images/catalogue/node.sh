#!/bin/sh
# Node of this machine, as the image node: node.sh [ARGUMENT...]. Options, scripts and what is no command are node's arguments.
case ${1:-} in
  -*) exec "$SLIPWAY_PROGRAM" "$@" ;;
esac
if ! command -v "$1" >/dev/null 2>&1 || { [ -f "$1" ] && ! [ -x "$1" ]; }; then exec "$SLIPWAY_PROGRAM" "$@"; fi
exec "$@"
