# A private PostgreSQL server in a folder of its own, on a Unix socket there. Prints the
# folder; then obeys `stop`, `crash`, `start`, `replicas`, `promote`, `follow`, `bouncer`,
# `unbounce`, `fill` and `grow` on its input; ends with its input. With the argument `small`,
# data and WAL lie on small file systems; this runs in a mount namespace of its own then. With
# `tls PORT` it listens on that port of 127.0.0.1 as well and speaks TLS, as `localhost`, with
# a certificate by `ca.pem` in the folder.
set -eu
cd /
PATH="$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)"
# PostgreSQL refuses to run as root, and as what is root in a user namespace only.
as=
if [ "$(id -u)" = 0 ]; then
    read -r _ _ users </proc/self/uid_map
    if [ "$users" = 1 ]; then as='unshare --user --map-user=65534 --'; else as='runuser -u postgres --'; fi
fi
folder=$($as mktemp -d /tmp/yanma-postgres.XXXXXX)
$as mkdir "$folder/disk" "$folder/wal"
segment=16
small=
if [ "${1-}" = small ]; then
    segment=1
    small='-c wal_recycle=off'
    mount -t tmpfs -o size=96m,mode=777 tmpfs "$folder/disk"
    mount -t tmpfs -o size=32m,mode=777 tmpfs "$folder/wal"
fi
data="$folder/disk/data"
options="-k $folder -c listen_addresses= -c max_connections=300 -c fsync=off $small"
if [ "${1-}" = tls ]; then
    export PGPORT="$2"
    options="$options -c listen_addresses=127.0.0.1 -c ssl=on -c ssl_cert_file=$folder/own.pem -c ssl_key_file=$folder/own.key"
    $as sh -eu -s "$folder" <<'MAKE'
cd "$1"
for who in ca other; do
    openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=$who" -days 1 -keyout "$who.key" -out "$who.pem" 2>"$who.log"
done
openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout own.key -out own.req 2>own.log
openssl x509 -req -in own.req -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 \
    -copy_extensions copy -out own.pem 2>>own.log
MAKE
fi
end() {
    if [ -f "$folder/bouncer/pid" ]; then unbounce; fi
    for each in "$data"*; do $as pg_ctl -D "$each" -s -m immediate stop 2>"$folder/wal/end" || true; done
    if [ "${1-}" = small ]; then umount "$folder/disk" "$folder/wal"; fi
    rm -rf "$folder"
}
trap 'end "${1-}"' EXIT
start() { $as pg_ctl -D "$data" -s -w -l "$folder/log" -o "$options" start; }
ask() { psql -X -q -A -t -h "$folder" -U postgres -c "$1"; }
# Two replicas; a commit is answered when it is on one of them as well.
replicas() {
    for replica in replica1 replica2; do
        $as mkdir "$folder/$replica"
        $as pg_basebackup -h "$folder" -U postgres -D "$data$replica" -R -c fast --no-sync
        socket="-k $folder/$replica -c cluster_name=$replica"
        $as pg_ctl -D "$data$replica" -s -w -l "$folder/$replica/log" -o "$options $socket" start
    done
    ask "ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (replica1, replica2)'"
    $as pg_ctl -D "$data" -s reload
}
# One replica streams from another, which was promoted and waits for it from now on.
follow() {
    $as psql -X -q -h "$folder/$1" -U postgres \
        -c "ALTER SYSTEM SET primary_conninfo = 'host=$folder/$2 user=postgres'"
    $as pg_ctl -D "$data$1" -s reload
    $as psql -X -q -h "$folder/$2" -U postgres \
        -c "ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 ($1)'"
    $as pg_ctl -D "$data$2" -s reload
}
# PgBouncer on a socket of its own, pooling by session.
bouncer() {
    $as mkdir -p "$folder/bouncer"
    {
        echo '[databases]'
        echo "* = host=$folder"
        echo '[pgbouncer]'
        echo 'listen_port = 5432'
        echo "unix_socket_dir = $folder/bouncer"
        echo 'auth_type = trust'
        echo "auth_file = $folder/bouncer/users"
        echo 'pool_mode = session'
        echo 'default_pool_size = 50'
        echo 'ignore_startup_parameters = extra_float_digits'
        echo "logfile = $folder/bouncer/log"
        echo "pidfile = $folder/bouncer/pid"
    } | $as tee "$folder/bouncer/ini" >"$folder/wal/ini"
    echo '"postgres" ""' | $as tee "$folder/bouncer/users" >"$folder/wal/users"
    $as "$(PATH="$PATH:/usr/sbin" command -v pgbouncer)" -q -d "$folder/bouncer/ini"
}
unbounce() {
    kill -KILL "$(cat "$folder/bouncer/pid")"
    rm -f "$folder"/bouncer/pid "$folder"/bouncer/.s.*
}
# Leaves so many KiB of a file system.
fill() {
    free=$(df --output=avail -k "$folder/$1" | tail -n 1)
    head -c "$(((free - $2) * 1024))" /dev/zero >"$folder/$1/ballast"
}
$as initdb --no-sync --wal-segsize=$segment -A trust -U postgres -E UTF8 --locale=C -D "$data" \
    -X "$folder/wal/wal" >"$folder/wal/initdb"
start
echo "$folder"
while read -r command argument more; do
    case "$command" in
    stop) $as pg_ctl -D "$data" -s -w -m fast stop ;;
    crash) $as pg_ctl -D "$data$argument" -s -w -m immediate stop ;;
    start) start ;;
    replicas) replicas ;;
    promote) $as pg_ctl -D "$data$argument" -s -w promote ;;
    follow) follow "$argument" "$more" ;;
    bouncer) bouncer ;;
    unbounce) unbounce ;;
    fill) fill "$argument" "$more" ;;
    grow) mount -t tmpfs -o remount,size=512m,mode=777 tmpfs "$folder/$argument" ;;
    esac
    echo done
done
