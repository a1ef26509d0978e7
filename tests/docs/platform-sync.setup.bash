# shellcheck shell=bash
# The database of the page's query.
psql -q -c "CREATE ROLE reader LOGIN" 2>/dev/null || true # another page may have it
psql -q -c "CREATE DATABASE dispatch"
psql -q -d dispatch -c "CREATE TABLE tasks (id int, title text, crew text)" \
  -c "INSERT INTO tasks VALUES (1, 'Pole 7', 'ada@example.com')" -c "GRANT SELECT ON tasks TO reader"
