# shellcheck shell=bash
# shellcheck source=tests/docs/platform.bash
source "$CHECKOUT/tests/docs/platform.bash"
start_platform OUTAGES:id,city
unset WEIR_INTEGRATION_KEY
mkdir plant && cd plant || exit
(umask 077 && echo any-key >integration-key)
printf 'url = "http://127.0.0.1:8080"\ncompany_id = 12345\ntime_zone = "America/Los_Angeles"\nstore = "weir.db"\nintegration_key_file = "integration-key"\n' >weir.toml
printf 'id,city\n1,Dinuba\n' >outages.csv
