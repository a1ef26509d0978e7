# shellcheck shell=bash
# shellcheck source=tests/docs/platform.bash
source "$CHECKOUT/tests/docs/platform.bash"
start_platform OUTAGES:id,city
export WEIR_STORE=weir.db
