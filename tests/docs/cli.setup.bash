# shellcheck shell=bash
# Data in every form that the page reads, and the platform.
# shellcheck source=tests/docs/platform.bash
source "$CHECKOUT/tests/docs/platform.bash"
start_platform OUTAGES:outage_id,label,crew_email CREWS:id,name
export WEIR_STORE=weir.db WEIR_PRIVATE_TOKEN=any-token

seq 20 | awk 'BEGIN { print "outage_id,label,crew_email" } { print $1 ",Outage " $1 ",ada@example.com" }' >outages.csv
gzip --keep outages.csv
printf '{"op":"upsert","outage_id":"21","label":"Orosi","crew_email":"ada@example.com"}\n' >changes.ndjson
cp "$CHECKOUT"/examples/data/storm-day/{changes,initial}.csv .
printf '[service]\ncompany_id = 12345\nport = 8090\n[[source]]\nid = "OUTAGES"\ncsv = "outages.csv"\nuser_column = "crew_email"\n' >sync.toml

psql -q -c "CREATE ROLE reader LOGIN" -c "CREATE DATABASE crm"
psql -q -d crm -c "CREATE TABLE crews (id int, name text, active bool)" \
  -c "INSERT INTO crews VALUES (1, 'Ada', true), (2, 'Bob', false)" -c "GRANT SELECT ON crews TO reader"
sqlite3 crews.db "CREATE TABLE crews (id, name); INSERT INTO crews VALUES (1, 'Ada')"

# as_nobody COMMAND...: MariaDB refuses to run as root.
as_nobody() {
  local drop=()
  [[ $EUID -ne 0 ]] || drop=(setpriv --reuid=nobody --regid=nogroup --clear-groups --)
  (cd / && "${drop[@]}" "$@")
}

folder="$(mktemp -d)"
[[ $EUID -ne 0 ]] || chown nobody "$folder"
as_nobody mariadb-install-db --no-defaults --datadir="$folder/data" --auth-root-authentication-method=normal \
  --skip-test-db --basedir=/usr >/dev/null
as_nobody mariadbd --no-defaults --datadir="$folder/data" --socket="$folder/socket" --bind-address=127.0.0.1 \
  --pid-file="$folder/pid" 2>/dev/null &
until as_nobody mariadb-admin --no-defaults -uroot --socket="$folder/socket" ping >/dev/null 2>&1; do sleep 0.2; done
as_nobody mariadb --no-defaults -uroot --socket="$folder/socket" -e "CREATE DATABASE crm; CREATE TABLE crm.crews (id int, name text);
  INSERT INTO crm.crews VALUES (1, 'Ada'); CREATE USER reader@'%'; GRANT SELECT ON crm.* TO reader@'%'"
