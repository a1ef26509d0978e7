# What a program that faces a network is built with: no writable tables of addresses, stacks that
# notice when they are written over, checked copies, control flow that enters at marked places alone.
# Only in optimized builds, for the checked copies need that, and not with sanitizers, which bring
# checks of their own. Proved on the binaries by tests/hardening.
include(CheckCXXCompilerFlag)
include(CheckPIESupported)

if(CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo|MinSizeRel)$" AND NOT WEIR_SANITIZE)
  set(WEIR_IS_HARDENED ON)
  check_pie_supported()
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  add_compile_options(-fstack-protector-strong -fstack-clash-protection)
  check_cxx_compiler_flag(-fcf-protection WEIR_HAS_CF_PROTECTION)
  if(WEIR_HAS_CF_PROTECTION)
    add_compile_options(-fcf-protection)
  endif()
  add_link_options(-Wl,-z,relro,-z,now)
endif()

# Checked copies for what is part of the shipped programs alone: the library itself is linked by tests
# that put functions of their own in the place of read() and write(), which checked copies pass by.
function(weir_check_copies)
  if(WEIR_IS_HARDENED)
    foreach(target IN LISTS ARGN)
      # Undefined first, for a distribution may have set a level of its own.
      target_compile_options(${target} PRIVATE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
    endforeach()
  endif()
endfunction()
