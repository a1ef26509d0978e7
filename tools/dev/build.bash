# Configuring, building and running tests. Folders: build/ (preset release), build-dev/ (preset dev).

build_folder() {
  if [[ "$1" == release ]]; then say build; else say "build-$1"; fi
}

cpp_files() {
  find sdk mock_server examples tests \( -name '*.h' -o -name '*.cpp' \) -print0
}

# A build folder that came along with a copied checkout belongs to the place it was copied from.
forget_foreign_build() {
  local cache="$1/CMakeCache.txt"
  if [[ -f "$cache" ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "$cache"; then
    say "$1/ was made for another folder; starting it afresh."
    rm -rf "$1"
  fi
}

configure() {
  local preset="$1"
  need_packages "${build_packages[@]}"
  if command -v ccache >/dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache; fi
  forget_foreign_build "$(build_folder "$preset")"
  local how=(--preset "$preset")
  # A folder of ./dev build has neither, and no debug information.
  if [[ "$preset" == release ]]; then
    how+=(-DWEIR_BUILD_TESTS=ON -DWEIR_GROUP_SOURCES=0 '-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O2 -g -DNDEBUG')
  fi
  # Continuous integration starts from nothing each time: there a third of the time is saved by
  # compiling sources in groups, and a third of the rest by debug information of lines alone.
  if [[ -n "${CI:-}" && "$preset" == release ]]; then
    how+=(-DWEIR_GROUP_SOURCES=25 "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O2 -g1 -DNDEBUG")
  fi
  quietly "Configuring ($preset)" cmake "${how[@]}"
}

# build_target PRESET TARGET...
build_target() {
  local preset="$1"
  shift
  configure "$preset"
  build_with_progress "$preset" "$@"
}

# On a terminal ninja shows its progress in one line.
build_with_progress() {
  local preset="$1"
  shift
  local build=(cmake --build --preset "$preset" --parallel "$(nproc)" --target "$@")
  if [[ -t 1 ]]; then
    NINJA_STATUS="Building ($preset) [%f/%t] %e s " "${build[@]}"
  else
    quietly "Building ($preset), some minutes from nothing" "${build[@]}" -- --quiet
  fi
}

# What a user needs, and no tests, which are the larger part of a build. Sources are compiled in groups
# and without debug information. A folder that has more already stays as it is.
build_programs() {
  need_packages "${program_packages[@]}"
  forget_foreign_build build
  if ! grep -qs '^WEIR_BUILD_TESTS:BOOL=ON$' build/CMakeCache.txt; then
    quietly 'Configuring' cmake --preset release -DWEIR_BUILD_TESTS=OFF -DWEIR_GROUP_SOURCES=25 \
      '-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O2 -DNDEBUG'
  fi
  build_with_progress release weir weir_cli weir_mock_server_main weir_mock_device_main weir_quickstart \
    weir_pages
}

build_everything() { build_target "$1" all; }

# run_tests PRESET LABELS: runs the tests with these labels; the last line is "N passed, N failed".
run_tests() {
  local preset="$1" labels="$2" results status=0
  results="$PWD/$(build_folder "$preset")/test-results.xml"
  rm -f "$results"
  ctest --preset "$preset" --label-regex "$labels" --parallel "$(nproc)" --progress \
    --output-junit "$results" </dev/null | without_passed_tests || status=$?
  report_tests "$results" || status=1
  return "$status"
}

# ctest --progress already keeps quiet on a terminal.
without_passed_tests() {
  if [[ -t 1 ]]; then cat; else grep -vE '^ *Start +[0-9]+:|\.\.\. +Passed +[0-9.]+ sec' || true; fi
}

# A test that was skipped or could not start has not passed, so it counts as failed.
report_tests() {
  local total passed
  total="$(sum_of "$1" tests)"
  passed=$((total - $(sum_of "$1" failures) - $(sum_of "$1" disabled) - $(sum_of "$1" skipped)))
  say "$passed passed, $((total - passed)) failed"
  [[ $total -gt 0 && $passed -eq $total ]]
}

sum_of() {
  [[ -f "$1" ]] || { say 0; return; }
  grep -oE -m1 "\b$2=\"[0-9]+\"" "$1" | head -n 1 | tr -dc '0-9'
}
