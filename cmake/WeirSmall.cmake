# weir_small(TARGET...): compiled to be small rather than fast, for what nobody waits for: an
# installation has less than 15 MB (tools/check_pages).
function(weir_small)
  foreach(target IN LISTS ARGN)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release,RelWithDebInfo>:-Os>)
  endforeach()
endfunction()
