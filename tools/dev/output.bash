# How ./dev talks: one line per thing done, details only when something fails.

say() { printf '%s\n' "$*"; }

# Wrong usage and missing needs end here; a failed build or test has its own output.
fail() {
  printf 'dev: %s\n' "$*" >&2
  exit 2
}

# quietly TITLE COMMAND...: runs the command with its output kept back; shows it if the command fails.
quietly() {
  local title="$1" started=$SECONDS log status=0
  shift
  log="$(mktemp)"
  printf '%s ... ' "$title"
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [[ $status -eq 0 ]]; then
    printf 'done (%d s)\n' $((SECONDS - started))
  else
    printf 'FAILED\n'
    cat "$log"
  fi
  rm -f "$log"
  return "$status"
}
