# shellcheck shell=bash
# The real platform is the mock server: the environment wins over the host that the page's file names.
# shellcheck source=tests/docs/platform.bash
source "$CHECKOUT/tests/docs/platform.bash"
key=the-api-key start_platform OUTAGES:id,city,status
unset WEIR_COMPANY_ID WEIR_TIME_ZONE WEIR_INTEGRATION_KEY
# The files of the page belong into the folder that it makes.
mkdir ~/weir && cd ~/weir || exit
