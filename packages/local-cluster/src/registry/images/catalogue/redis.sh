#!/bin/sh
# Redis of this machine, as the image redis: redis.sh redis-server [ARGUMENT...]. Listens where PORT says, keeps its files in
# the image's volume.
set -e
# Options alone are the server's.
case $1 in -* | *.conf) set -- redis-server "$@" ;; esac
[ "$1" = redis-server ] || [ "$1" = valkey-server ] || exec "$@"
shift
cd "$SLIPWAY_DATA_DIR"
# As the image: a database of other containers is reached without a password unless one is set.
exec "$SLIPWAY_PROGRAM" "$@" --port "${PORT:-6379}" --bind 127.0.0.1 --protected-mode no --dir "$SLIPWAY_DATA_DIR" --daemonize no
