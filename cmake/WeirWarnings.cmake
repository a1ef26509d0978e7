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
            -Wsign-conversion
            -Wshadow
            -Wold-style-cast
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -Wcast-align
            -Wcast-qual
            -Wformat=2
            -Wimplicit-fallthrough
            -Wundef
            $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
            $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-branches>
            $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>)
