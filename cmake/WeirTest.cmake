# weir_add_test(NAME name SOURCES a_test.cpp ... [LIBRARIES weir ...] [TIMEOUT seconds] [LABEL label]
#   [ENVIRONMENT NAME=VALUE ...] [WHOLE] [IN_MEMORY])
#
# Declares a GoogleTest program (main() comes from gtest_main; gmock is linked too) and makes each of
# its tests a CTest test "name.Suite.Test" with a time limit (default 60 s, ten times
# that with sanitizers). The label is the folder
# below tests/ (unit, integration, browser ...), by which ./dev chooses what to run. The targets
# unit_tests and integration_tests build what has these two labels. Tests include
# the private headers of the SDK by the same paths as the SDK does ("budget/ledger.h"). With WHOLE the
# program is one CTest test, for tests that share something costly. With IN_MEMORY its temporary files
# are on a file system in memory, for tests that make a disk wait often and learn nothing from it.
include(GoogleTest)
find_package(GTest REQUIRED)

add_custom_target(unit_tests)
add_custom_target(integration_tests)

function(weir_add_test)
  cmake_parse_arguments(PARSE_ARGV 0 ARG "WHOLE;IN_MEMORY" "NAME;TIMEOUT;LABEL"
                        "SOURCES;LIBRARIES;ENVIRONMENT")
  if(NOT ARG_NAME OR NOT ARG_SOURCES OR ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "weir_add_test: NAME and SOURCES are needed, "
                        "not understood: '${ARG_UNPARSED_ARGUMENTS}'")
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  if(WEIR_SANITIZE)
    # A debug build that watches every access takes ten times as long.
    math(EXPR ARG_TIMEOUT "10 * ${ARG_TIMEOUT}")
  endif()
  if(ARG_IN_MEMORY)
    list(APPEND ARG_ENVIRONMENT "TMPDIR=/dev/shm")
  endif()
  if(NOT ARG_LABEL)
    cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY "${PROJECT_SOURCE_DIR}/tests"
               OUTPUT_VARIABLE folder)
    string(REGEX REPLACE "/.*" "" ARG_LABEL "${folder}")
  endif()

  add_executable(${ARG_NAME} ${ARG_SOURCES})
  if(ARG_LABEL MATCHES "^(unit|integration)$")
    add_dependencies(${ARG_LABEL}_tests ${ARG_NAME})
  endif()
  # A build that starts from nothing spends more on optimizing tests than they save, but for the models
  # of rapidcheck, which play thousands of lives.
  if(WEIR_GROUP_SOURCES GREATER 0 AND NOT "rapidcheck" IN_LIST ARG_LIBRARIES)
    target_compile_options(${ARG_NAME} PRIVATE -O0)
  endif()
  target_include_directories(${ARG_NAME} PRIVATE "${PROJECT_SOURCE_DIR}/sdk/src"
                                                 "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_LIBRARIES} GTest::gmock GTest::gtest_main
                                            weir_warnings)
  if(ARG_WHOLE)
    add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME})
    set_tests_properties(${ARG_NAME} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS ${ARG_LABEL}
                                                ENVIRONMENT "${ARG_ENVIRONMENT}")
    return()
  endif()
  gtest_discover_tests(
    ${ARG_NAME}
    TEST_PREFIX "${ARG_NAME}."
    DISCOVERY_TIMEOUT 120
    PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS ${ARG_LABEL} ENVIRONMENT "${ARG_ENVIRONMENT}")
endfunction()
