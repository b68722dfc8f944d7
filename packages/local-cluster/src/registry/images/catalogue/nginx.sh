#!/bin/sh
# nginx of this machine, as the image nginx: nginx.sh nginx [ARGUMENT...]. Listens where PORT says, serves
# /usr/share/nginx/html, and takes /etc/nginx/conf.d/*.conf where a volume brings some.
set -e
[ "$1" = nginx ] || exec "$@"
shift
port=${PORT:-80}
work=$TMPDIR/nginx
mkdir -p "$work"
conf=$work/nginx.conf
types=/etc/nginx/mime.types
[ -e "$types" ] || { types=$work/mime.types; printf 'types { text/html html; text/css css; text/javascript js; }\n' >"$types"; }
html=/usr/share/nginx/html
[ -d "$html" ] || html=/var/www/html
server="server { listen $port; root $html; index index.html index.htm index.nginx-debian.html; }"
# A volume's own servers stand in for the default one; the machine's are not this container's.
if grep -q ' /etc/nginx/conf.d[ /]' /proc/self/mountinfo 2>/dev/null; then
  mkdir -p "$work/conf.d"
  for file in /etc/nginx/conf.d/*.conf; do
    # They say port 80 (or 8080): the port that the container declares is another one on this machine.
    sed "s/listen\([[:space:]]\{1,\}\)\(80\|8080\)\([;[:space:]]\)/listen\1$port\3/" "$file" >"$work/conf.d/${file##*/}"
  done
  server="include $work/conf.d/*.conf;"
fi
user=
[ "$(id -u)" != 0 ] || user="user root;"
cat >"$conf" <<CONF
$user
worker_processes 1;
pid $work/nginx.pid;
error_log stderr notice;
events { worker_connections 512; }
http {
  include $types;
  default_type application/octet-stream;
  access_log /dev/stdout;
  client_body_temp_path $work/body;
  proxy_temp_path $work/proxy;
  fastcgi_temp_path $work/fastcgi;
  uwsgi_temp_path $work/uwsgi;
  scgi_temp_path $work/scgi;
  sendfile on;
  keepalive_timeout 65;
  $server
}
CONF
# nginx ends at once on SIGTERM and in order on SIGQUIT; the image's stop signal is the latter.
"$SLIPWAY_PROGRAM" -c "$conf" -e stderr "$@" &
child=$!
trap 'kill -QUIT "$child" 2>/dev/null' TERM INT QUIT
wait "$child" && code=0 || code=$?
while kill -0 "$child" 2>/dev/null; do wait "$child" && code=0 || code=$?; done
exit "$code"
