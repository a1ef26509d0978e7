# shellcheck shell=bash
# The page begins in the cloned repository.
cd "$CHECKOUT" || exit
