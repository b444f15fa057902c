#!/bin/sh
# Makes a cluster of POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB at the first start, and runs it.
set -e
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    printf '%s' "$POSTGRES_PASSWORD" >/tmp/password
    initdb --username="$POSTGRES_USER" --pwfile=/tmp/password --auth=scram-sha-256 --no-sync >/dev/null
    rm /tmp/password
    printf "listen_addresses = '*'\nunix_socket_directories = '/tmp'\n" >>"$PGDATA/postgresql.conf"
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    echo "CREATE DATABASE \"$POSTGRES_DB\";" | postgres --single -j postgres >/dev/null
fi
exec "$@"
