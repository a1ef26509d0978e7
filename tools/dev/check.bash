# ./dev check: every check is a function check_NAME below, run in this order, quick ones first. The
# first that fails ends the run. The last line is "N passed, N failed", counted in checks.

all_checks=(format boundary sizes snippet shell browser install)
# Run only when named: what polling, pacing, publishing and Platform Sync brought has not been
# through them yet.
named_checks=(tidy sanitize threads)

check_format() {
  need_packages "${format_packages[@]}"
  cpp_files | xargs -0 clang-format --dry-run --Werror
}

check_boundary() { tools/check_boundaries; }

check_sizes() { tools/check_sizes; }

check_snippet() { tools/check_snippets README.md docs; }

check_shell() {
  need_packages "${shell_packages[@]}"
  # dev is checked together with the parts in tools/dev/ that it reads in.
  shellcheck --external-sources --check-sourced dev
  shellcheck .ci/run tools/check_* tests/boundary/self_test tests/bench/sync_bench
}

# The tests are left out: their time would be the larger part, their bugs show when they run.
check_tidy() {
  need_packages "${tidy_packages[@]}"
  configure dev
  find sdk mock_server examples -name '*.cpp' -print0 |
    xargs -0 -P "$(nproc)" -n 1 clang-tidy -p build-dev --quiet \
      --extra-arg=-Wno-unknown-warning-option 2>&1 |
    awk '!/^[0-9]+ (warning|error)s?.* generated/ && !seen[$0]++' # a header's finding once
}

# Also compiles every public header on its own.
check_sanitize() {
  build_target dev all all_verify_interface_header_sets
  run_tests dev '^(unit|integration)$'
}

# ThreadSanitizer, on the tests that use threads: those of the client, and of both stores.
check_threads() {
  build_target tsan weir_integration_tests any_store_tests
  build-tsan/bin/any_store_tests --gtest_brief=1
  build-tsan/bin/weir_integration_tests --gtest_brief=1
}

check_browser() {
  need_packages "${browser_packages[@]}"
  build_everything release
  run_tests release '^browser$'
}

check_install() {
  build_everything release
  tools/check_install build
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
