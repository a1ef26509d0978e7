# What most pages take for granted: the mock server at the address of the settings, as the platform.
# shellcheck shell=bash
# Sourced by the setup of a page, in the page's folder.

# start_platform DATA_SOURCE...: comes back when it answers. It takes the key $key, or any-key.
start_platform() {
  local source flags=()
  for source in "$@"; do flags+=(--data-source "$source"); done
  export WEIR_INTEGRATION_KEY="${key:-any-key}" WEIR_URL=http://127.0.0.1:8080 WEIR_COMPANY_ID=12345 \
    WEIR_TIME_ZONE=America/Los_Angeles
  weir-mock-server --port 8080 --company-id 12345 --time-zone America/Los_Angeles "${flags[@]}" &
  answers http://127.0.0.1:8080/
}

answers() { curl -s --retry 50 --retry-delay 1 --retry-connrefused -o /dev/null "$1"; }
