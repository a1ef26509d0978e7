# The Debian packages, all of them here, in groups by what needs them.

# What the programs and the library need.
program_packages=(
  g++ cmake ninja-build pkgconf ca-certificates tzdata
  libcurl4-openssl-dev nlohmann-json3-dev libhowardhinnant-date-dev libspdlog-dev # the SDK
  libsqlitecpp-dev libsqlite3-dev libpqxx-dev libutf8proc-dev libxxhash-dev zlib1g-dev
  libcli11-dev libtomlplusplus-dev libpq-dev unixodbc-dev # the weir command
  libcpp-httplib-dev libssl-dev # the mock server; TLS in tests, and signatures of webhooks
  libmicrohttpd-dev                                     # an example
)
# And all that there is, tests included.
build_packages=(
  "${program_packages[@]}"
  libgtest-dev libgmock-dev librapidcheck-dev postgresql pgbouncer iproute2 nginx strace # the tests
  mariadb-server odbc-mariadb odbc-postgresql libsqliteodbc sqlite3 # the tests of --sql
)
format_packages=(clang-format)
tidy_packages=(clang-tidy)
shell_packages=(shellcheck)
browser_packages=(chromium)
# The programs that the documentation's blocks use beside those of the tests.
docs_packages=(curl jq sqlite3 mariadb-client openssl)
install_packages=(man-db mandoc bash-completion zsh fish systemd)
sanitizer_packages=(clang libclang-rt-dev)
bench_packages=(wrk nginx curl)
chroot_packages=(debootstrap debian-archive-keyring)
check_packages=(
  "${format_packages[@]}" "${tidy_packages[@]}" "${shell_packages[@]}" "${browser_packages[@]}"
  "${docs_packages[@]}" "${install_packages[@]}"
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
    fail "this is not a Debian system. Install what these packages of Debian 12 or 13 hold, then run again
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

# axe, the accessibility checker of the browser's tests: from npm, for Debian has no package. Its
# licence (MPL-2.0) allows the use; nothing of it becomes part of Weir.
axe_version=4.14.1
axe_sha512=1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5

# need_axe FOLDER: puts package/axe.min.js there, once; false when it cannot be fetched. Nodejs from
# elsewhere brings npm along, and Debian's package of it would not stand beside that.
need_axe() {
  local folder="$1" archive="$1/axe-core-$axe_version.tgz"
  if [[ -f "$folder/package/axe.min.js" && -f "$archive" ]]; then return; fi
  command -v npm >/dev/null || (need_packages npm) || return 1
  mkdir -p "$folder"
  quietly "Fetching axe $axe_version" npm pack --silent --ignore-scripts --cache "$folder/cache" \
    --pack-destination "$folder" "axe-core@$axe_version" || return 1
  if ! printf '%s  %s\n' "$axe_sha512" "$archive" | sha512sum --check --quiet; then
    rm "$archive"
    fail "npm gave another axe-core $axe_version than was expected"
  fi
  tar -xzf "$archive" -C "$folder" package/axe.min.js package/LICENSE
}

# need_promtool FOLDER: puts usr/bin/promtool there, once, out of Debian's package; installed as a
# whole that would begin a service. False when it cannot be fetched.
need_promtool() {
  local folder="$1"
  if [[ -x "$folder/usr/bin/promtool" ]]; then return; fi
  mkdir -p "$folder"
  (cd "$folder" && quietly "Fetching promtool" apt-get -q download prometheus) || return 1
  dpkg-deb --fsys-tarfile "$folder"/prometheus_*.deb | tar -x -C "$folder" ./usr/bin/promtool
  rm "$folder"/prometheus_*.deb
}
