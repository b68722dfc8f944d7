#!/bin/sh
# PostgreSQL of this machine, as the image postgres: postgres.sh postgres [ARGUMENT...]. Listens where PORT says, keeps its
# data in PGDATA, and takes POSTGRES_PASSWORD, POSTGRES_USER, POSTGRES_DB and POSTGRES_HOST_AUTH_METHOD as the image does.
set -e
# Options alone are the server's.
case $1 in -*) set -- postgres "$@" ;; esac
[ "$1" = postgres ] || exec "$@"
shift
bin=$(dirname "$(readlink -f "$SLIPWAY_PROGRAM")")
case $PGDATA in /var/lib/postgresql/data) PGDATA=$SLIPWAY_DATA_DIR ;; esac
as=
mkdir -p "$PGDATA"
if [ "$(id -u)" = 0 ]; then
  # PostgreSQL refuses to run as root.
  user=nobody
  if id postgres >/dev/null 2>&1; then user=postgres; fi
  chown -R "$user" "$PGDATA"
  as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups"
  cd /
fi
chmod 700 "$PGDATA"
name=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$name}
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [ -z "$POSTGRES_PASSWORD" ] && [ "$method" != trust ]; then
    echo 'Error: Database is uninitialized and superuser password is not specified.' >&2
    echo '       Set POSTGRES_PASSWORD to a non-empty value, or POSTGRES_HOST_AUTH_METHOD=trust to allow all connections.' >&2
    exit 1
  fi
  password=$(mktemp /tmp/slipway-pg.XXXXXX)
  printf '%s\n' "${POSTGRES_PASSWORD:-unused}" >"$password"
  if [ -n "$as" ]; then chown "$user" "$password"; fi
  # A start that was cut off in the middle begins again.
  find "$PGDATA" -mindepth 1 -delete
  $as "$bin/initdb" -D "$PGDATA" --username="$name" --pwfile="$password" --auth-local=trust --auth-host="$method" \
    --encoding=UTF8 --no-sync || { rm -f "$password"; find "$PGDATA" -mindepth 1 -delete; exit 1; }
  rm -f "$password"
  if [ "$database" != postgres ]; then
    printf 'CREATE DATABASE "%s"\n' "$database" | $as "$bin/postgres" --single -j -D "$PGDATA" postgres >/dev/null
  fi
fi
# Fast shutdown on SIGTERM would be SIGINT; the image's stop signal is SIGINT.
$as "$SLIPWAY_PROGRAM" -D "$PGDATA" -p "${PORT:-5432}" -c listen_addresses=127.0.0.1 -c unix_socket_directories= "$@" &
child=$!
trap 'kill -INT "$child" 2>/dev/null' TERM INT
wait "$child" && code=0 || code=$?
while kill -0 "$child" 2>/dev/null; do wait "$child" && code=0 || code=$?; done
exit "$code"
