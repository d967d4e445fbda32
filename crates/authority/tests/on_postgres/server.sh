# A private PostgreSQL server in a folder of its own, on a Unix socket there. Prints the
# folder; then obeys `stop`, `crash` and `start` on its input; ends with its input.
set -eu
cd /
PATH="$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)"
folder=$(mktemp -d /tmp/yanma-postgres.XXXXXX)
data="$folder/data"
options="-k $folder -c listen_addresses= -c max_connections=300 -c fsync=off"
trap 'pg_ctl -D "$data" -s -m immediate stop || true; rm -rf "$folder"' EXIT
start() { pg_ctl -D "$data" -s -w -l "$folder/log" -o "$options" start; }
initdb --no-sync -A trust -U postgres -E UTF8 --locale=C -D "$data" >"$folder/initdb"
start
echo "$folder"
while read -r command; do
    case "$command" in
    stop) pg_ctl -D "$data" -s -w -m fast stop ;;
    crash) pg_ctl -D "$data" -s -w -m immediate stop ;;
    start) start ;;
    esac
    echo done
done
