# weir_strip_archive(TARGET): `cmake --install --strip` takes what linking does not need out of this static
# library too. CMake strips programs and shared libraries, and leaves an archive as large as it is.
function(weir_strip_archive target)
  install(
    CODE "
if(CMAKE_INSTALL_DO_STRIP)
  execute_process(COMMAND \"${CMAKE_STRIP}\" --strip-unneeded
    \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/$<TARGET_FILE_NAME:${target}>\"
    COMMAND_ERROR_IS_FATAL ANY)
endif()")
endfunction()
