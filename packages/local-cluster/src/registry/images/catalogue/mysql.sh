#!/bin/sh
# MySQL or MariaDB of this machine, as the image mysql: mysql.sh mysqld [ARGUMENT...]. Listens where PORT says, keeps its data in
# the image's volume, and takes MYSQL_ROOT_PASSWORD, MYSQL_DATABASE, MYSQL_USER and MYSQL_PASSWORD as the image does (with
# MARIADB_ in front as well).
set -e
# Options alone are the server's.
case $1 in -*) set -- mysqld "$@" ;; esac
[ "$1" = mysqld ] || [ "$1" = mariadbd ] || exec "$@"
shift
root_password=${MYSQL_ROOT_PASSWORD:-$MARIADB_ROOT_PASSWORD}
database=${MYSQL_DATABASE:-$MARIADB_DATABASE}
user=${MYSQL_USER:-$MARIADB_USER}
password=${MYSQL_PASSWORD:-$MARIADB_PASSWORD}
if [ -z "$root_password$MYSQL_ALLOW_EMPTY_PASSWORD$MARIADB_ALLOW_EMPTY_ROOT_PASSWORD" ]; then
  echo 'Database is uninitialized and password option is not specified.' >&2
  echo '    Set MYSQL_ROOT_PASSWORD, or MYSQL_ALLOW_EMPTY_PASSWORD=yes.' >&2
  exit 1
fi
data=$SLIPWAY_DATA_DIR
run_as=
if [ "$(id -u)" = 0 ]; then run_as=--user=root; fi
if [ ! -d "$data/mysql" ]; then
  # A start that was cut off in the middle begins again.
  find "$data" -mindepth 1 -delete
  if "$SLIPWAY_PROGRAM" --no-defaults --version | grep -qi mariadb; then
    mariadb-install-db --no-defaults --datadir="$data" --auth-root-authentication-method=normal --skip-test-db $run_as >/dev/null
  else
    "$SLIPWAY_PROGRAM" --no-defaults --initialize-insecure --datadir="$data" $run_as
  fi
fi
# Quotes and backslashes of a value, doubled.
text() { printf '%s' "$1" | sed "s/\\\\/\\\\\\\\/g; s/'/''/g"; }
name() { printf '%s' "$1" | sed 's/`/``/g'; }
init=$TMPDIR/init.sql
umask 077
{
  echo "CREATE USER IF NOT EXISTS 'root'@'%' IDENTIFIED BY '$(text "$root_password")';"
  echo "GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION;"
  echo "ALTER USER 'root'@'%' IDENTIFIED BY '$(text "$root_password")';"
  echo "ALTER USER 'root'@'localhost' IDENTIFIED BY '$(text "$root_password")';"
  if [ -n "$database" ]; then echo "CREATE DATABASE IF NOT EXISTS \`$(name "$database")\`;"; fi
  if [ -n "$user" ]; then
    for host in % localhost; do
      echo "CREATE USER IF NOT EXISTS '$(text "$user")'@'$host' IDENTIFIED BY '$(text "$password")';"
      if [ -n "$database" ]; then echo "GRANT ALL ON \`$(name "$database")\`.* TO '$(text "$user")'@'$host';"; fi
    done
  fi
  echo 'FLUSH PRIVILEGES;'
} >"$init"
exec "$SLIPWAY_PROGRAM" --no-defaults --datadir="$data" --port="${PORT:-3306}" --bind-address=127.0.0.1 \
  --socket="$TMPDIR/mysqld.sock" --pid-file="$TMPDIR/mysqld.pid" --init-file="$init" $run_as "$@"
