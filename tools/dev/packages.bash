# The Debian packages, all of them here, in groups by what needs them.

build_packages=(
  g++ cmake ninja-build pkgconf ca-certificates tzdata
  libcurl4-openssl-dev nlohmann-json3-dev libhowardhinnant-date-dev libspdlog-dev # the SDK
  libsqlitecpp-dev libsqlite3-dev libpqxx-dev libxxhash-dev zlib1g-dev
  libcli11-dev libtomlplusplus-dev libsoci-dev libboost-dev libpq-dev unixodbc-dev # the weir command
  libcpp-httplib-dev libssl-dev                # the mock server, and its TLS in tests
  libmicrohttpd-dev                                     # an example
  libgtest-dev libgmock-dev librapidcheck-dev postgresql pgbouncer iproute2 nginx strace # the tests
)
format_packages=(clang-format)
tidy_packages=(clang-tidy)
shell_packages=(shellcheck)
browser_packages=(chromium)
fuzz_packages=(clang libclang-rt-14-dev)
bench_packages=(wrk nginx curl)
check_packages=(
  "${format_packages[@]}" "${tidy_packages[@]}" "${shell_packages[@]}" "${browser_packages[@]}"
)

missing_packages() {
  local package
  for package in "$@"; do
    [[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] ||
      printf '%s\n' "$package"
  done
}

as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  elif [[ -t 0 ]]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q \
    -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@"
}

install_packages() {
  # An unreachable foreign repository fails the update though Debian's own lists are fresh; whether
  # that matters is decided by the install.
  apt_get update || true
  apt_get install -y --no-install-recommends "$@"
}

# need_packages NAME...: installs what is missing; without network or rights when nothing is.
need_packages() {
  local missing
  if [[ -n "${WEIR_PACKAGES_PRESENT:-}" ]]; then return; fi
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    fail "this is not a Debian system. Install what these Debian 12 packages hold, then run again
with WEIR_PACKAGES_PRESENT=1: $*"
  fi
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} -gt 0 ]] || return 0
  if [[ $EUID -ne 0 ]] && ! command -v sudo >/dev/null; then
    fail "packages are missing and there is neither root nor sudo. As root run:
  apt-get install --no-install-recommends ${missing[*]}"
  fi
  if [[ $EUID -ne 0 && -t 0 ]]; then sudo -v; fi # asks for the password before the output is kept back
  quietly "Installing ${#missing[@]} packages (${missing[*]})" install_packages "${missing[@]}" ||
    fail "the packages could not be installed: ${missing[*]}"
}
