# shellcheck shell=bash
# The page begins in the cloned repository; nothing else is there.
cd "$CHECKOUT" || exit
