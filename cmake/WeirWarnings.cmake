# The project's warnings as one target. Link it PRIVATE and users of Weir never see them:
#   target_link_libraries(some_target PRIVATE weir_warnings)
# Warnings are errors only where a preset says so (CMAKE_COMPILE_WARNING_AS_ERROR).
add_library(weir_warnings INTERFACE)
target_compile_options(
  weir_warnings
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wconversion
            -Wshadow
            -Wold-style-cast
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -Wmissing-declarations
            -Wcast-align
            -Wcast-qual
            -Wformat=2
            -Wimplicit-fallthrough
            -Wundef
            $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
            $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-branches>
            $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
            # GCC 12 sees uninitialized members in the unused alternatives of every std::variant;
            # the sanitizers and clang-tidy's analyzer look for real ones.
            $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
            # GCC 13 and 14 suspect each reference that a function with a temporary argument returns.
            $<$<CXX_COMPILER_ID:GNU>:-Wno-dangling-reference>)
