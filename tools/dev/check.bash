# ./dev check: every check is a function check_NAME below, run in this order, quick ones first. The
# first that fails ends the run. The last line is "N passed, N failed", counted in checks.

all_checks=(format boundary sizes snippet references shell docs metrics browser install)
# Run only when named: the first by continuous integration, the others by hand, since they take longer
# than it may.
named_checks=(threads tidy sanitize_unit sanitize shared bare analyze trixie)

# Compares, for --dry-run of clang-format 14 objects to the end of an inline namespace that it would
# write just so.
check_format() {
  need_packages "${format_packages[@]}"
  # shellcheck disable=SC2016 # "$1" is for the inner shell
  cpp_files | xargs -0 -n 1 -P "$(nproc)" sh -c \
    'clang-format "$1" | cmp -s - "$1" || { echo "$1: not as ./dev format lays it out"; exit 1; }' sh
}

check_boundary() { tools/check_boundaries; }

check_sizes() { tools/check_sizes; }

check_references() { tools/check_references; }

check_snippet() { tools/check_snippets README.md docs; }

check_shell() {
  need_packages "${shell_packages[@]}"
  # dev is checked together with the parts in tools/dev/ that it reads in.
  shellcheck --external-sources --check-sourced dev
  shellcheck .ci/run tools/check_* tests/boundary/self_test tests/bench/sync_bench tests/bench/fleet_bench
  shellcheck --external-sources tests/docs/run tests/docs/self_test tests/docs/*.bash
}

# clang_tidy BUILD CHECKS: reads file names. CHECKS are added to those of .clang-tidy.
clang_tidy() {
  xargs -P "$(nproc)" -n 1 clang-tidy -p "$1" --checks="$2" --quiet \
    --extra-arg=-Wno-unknown-warning-option 2>&1 |
    awk '!/^[0-9]+ (warning|error)s?.* generated/ && !seen[$0]++' # a header's finding once
}

# All checks but the analyzer's. They take their time with the library headers that every file
# includes, so files are read in groups (cmake/WeirGroups.cmake). The tests are left out: their time
# would be the larger part, their bugs show when they run.
check_tidy() {
  need_packages "${tidy_packages[@]}"
  configure tidy
  sed -nE 's|^ *"file": "(.*)"$|\1|p' build-tidy/compile_commands.json |
    grep -vE '/tests/|/weir_verify_' |
    clang_tidy build-tidy '-clang-analyzer-*,-bugprone-suspicious-include'
}

# The analyzer follows paths only through the file that it is given, so there are no groups for it.
check_analyze() {
  need_packages "${tidy_packages[@]}"
  configure release
  find sdk mock_server examples -name '*.cpp' | clang_tidy build '-*,clang-analyzer-*'
}

# Sanitizer builds are Clang's without optimization: it compiles them in a third of GCC's time. So all
# but the proofs is also seen by a second compiler. Compiles every public header on its own too.
check_sanitize() {
  need_packages "${sanitizer_packages[@]}"
  build_target dev unit_tests integration_tests all_verify_interface_header_sets
  run_tests dev '^(unit|integration)$'
}

# The part of it that takes minutes.
check_sanitize_unit() {
  need_packages "${sanitizer_packages[@]}"
  build_target dev unit_tests
  run_tests dev '^unit$'
}

# ThreadSanitizer, on the tests that use threads: of Platform Sync and its server, of the client, and
# of both stores. It needs addresses where it expects them, which setarch sees to where it may. A child
# of fork() begins the thread that watches its sessions (os/socket_watch.h), which it would not allow.
check_threads() {
  local tests=(sync_unit_tests http_server_integration_tests weir_integration_tests any_store_tests)
  local test run=()
  need_packages "${sanitizer_packages[@]}"
  build_target tsan "${tests[@]}"
  if setarch -R true 2>/dev/null; then run=(setarch -R); fi
  export TSAN_OPTIONS="suppressions=$PWD/tools/dev/thread_sanitizer.supp:die_after_fork=0" TMPDIR=/dev/shm
  for test in "${tests[@]}"; do "${run[@]}" "build-tsan/bin/$test" --gtest_brief=1; done
}

check_docs() {
  need_packages "${docs_packages[@]}"
  build_everything release
  tests/docs/self_test
  tests/docs/run build/bin
}

check_metrics() {
  need_packages curl
  build_target release weir weir-mock-server
  need_promtool build/promtool || fail "promtool could not be fetched"
  tools/check_metrics build/bin build/promtool/usr/bin/promtool
}

check_browser() {
  need_packages "${browser_packages[@]}"
  build_everything release
  run_tests release '^browser$'
  if need_axe build/axe; then
    run_tests release '^accessibility$'
  else
    say 'accessibility: NOT tested, for axe could not be fetched. Is the npm registry reached? npm ping'
  fi
}

check_install() {
  need_packages "${install_packages[@]}"
  build_everything release
  tools/check_install build
}

check_shared() {
  build_everything shared
  tools/check_install build-shared
}

# A build without PostgreSQL and Platform Sync says so where they are asked for.
check_bare() {
  build_everything bare
  tools/check_install build-bare
  tools/check_bare build-bare/bin/weir
}

# Builds and tests on the other Debian release.
check_trixie() {
  need_packages "${chroot_packages[@]}"
  as_root tools/check_release trixie test
}

report_check() {
  local status="$1" name="$2" seconds="$3"
  if [[ $status -eq 0 ]]; then
    say "   $name: ok ($seconds s)"
  else
    say "   $name: FAILED ($seconds s). To repeat it: ./dev check $name"
  fi
}

run_check() {
  local name="$1"
  [[ " ${all_checks[*]} ${named_checks[*]} " == *" $name "* ]] ||
    fail "there is no check '$name'; there are: ${all_checks[*]} ${named_checks[*]}"
  say "== $name"
  # shellcheck disable=SC2064 # the name and the start are those of now
  trap "report_check \$? '$name' \$((SECONDS - $SECONDS))" EXIT
  # Ended by a signal it has not passed.
  trap 'exit 130' INT
  trap 'exit 143' TERM
  "check_$name"
}

# Several checks run as processes of their own: in a condition bash would not stop a function at its
# first failed command.
verb_check() {
  local names=("$@") name passed=0
  if [[ $# -eq 1 ]]; then
    run_check "$1"
    return
  fi
  if [[ $# -eq 0 ]]; then
    names=("${all_checks[@]}")
    need_packages "${build_packages[@]}" "${check_packages[@]}"
  fi
  for name in "${names[@]}"; do
    if ! ./dev check "$name"; then
      say "$passed passed, 1 failed"
      return 1
    fi
    passed=$((passed + 1))
  done
  say "$passed passed, 0 failed"
}
