# A private PostgreSQL server in a folder of its own, on a Unix socket there. Prints the
# folder; then obeys `stop`, `crash`, `start`, `replicas` and `promote` on its input; ends with
# its input.
set -eu
cd /
PATH="$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)"
folder=$(mktemp -d /tmp/yanma-postgres.XXXXXX)
data="$folder/data"
options="-k $folder -c listen_addresses= -c max_connections=300 -c fsync=off"
end() {
    for each in "$folder"/data*; do pg_ctl -D "$each" -s -m immediate stop 2>"$folder/end" || true; done
    rm -rf "$folder"
}
trap end EXIT
start() { pg_ctl -D "$data" -s -w -l "$folder/log" -o "$options" start; }
# Two replicas; a commit is answered when it is on one of them as well.
replicas() {
    for replica in replica1 replica2; do
        mkdir "$folder/$replica"
        pg_basebackup -h "$folder" -U postgres -D "$data$replica" -R -c fast --no-sync
        socket="-k $folder/$replica -c cluster_name=$replica"
        pg_ctl -D "$data$replica" -s -w -l "$folder/$replica/log" -o "$options $socket" start
    done
    echo "ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (replica1, replica2)'" |
        psql -X -q -h "$folder" -U postgres
    pg_ctl -D "$data" -s reload
}
initdb --no-sync -A trust -U postgres -E UTF8 --locale=C -D "$data" >"$folder/initdb"
start
echo "$folder"
while read -r command argument; do
    case "$command" in
    stop) pg_ctl -D "$data" -s -w -m fast stop ;;
    crash) pg_ctl -D "$data" -s -w -m immediate stop ;;
    start) start ;;
    replicas) replicas ;;
    promote) pg_ctl -D "$data$argument" -s -w promote ;;
    esac
    echo done
done
