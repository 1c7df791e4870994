#!/bin/sh
# Runs once, inside the PostgreSQL container, when its volume is empty. Makes the registry's database and the role that
# owns it: `migrate` signs in as this one and makes the server's role, which may do much less. No superuser is needed
# after that.
set -eu

# psql reads the file itself: a password in its arguments would show in the list of processes.
psql --set=ON_ERROR_STOP=1 --no-psqlrc --username="$POSTGRES_USER" --dbname=postgres <<'SQL'
\set password `cat /run/secrets/owner-password`
CREATE ROLE registry_owner LOGIN CREATEROLE PASSWORD :'password';
CREATE DATABASE registry OWNER registry_owner;
SQL
