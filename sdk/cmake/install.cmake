# Installs the library, its headers, the CMake package "weir" and the pkg-config file "weir".
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/weir")

install(TARGETS weir EXPORT weir-targets FILE_SET HEADERS)
if(NOT BUILD_SHARED_LIBS)
  weir_strip_archive(weir)
endif()
install(EXPORT weir-targets NAMESPACE weir:: DESTINATION "${package_dir}")

set(config_parts "")
if(WEIR_WITH_POSTGRES)
  set(config_parts "  pkg_check_modules(PQXX REQUIRED QUIET IMPORTED_TARGET libpqxx)
  pkg_check_modules(PQ REQUIRED QUIET IMPORTED_TARGET libpq)
")
endif()
configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/weir-config.cmake.in" "${CMAKE_CURRENT_BINARY_DIR}/weir-config.cmake"
  INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/weir-config-version.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/weir-config.cmake"
              "${CMAKE_CURRENT_BINARY_DIR}/weir-config-version.cmake"
        DESTINATION "${package_dir}")

# A user of libweir.a links its dependencies too, a user of libweir.so does not. They stand in Libs and
# not in Requires: a user needs neither the macros nor the header folders of theirs, and
# "pkg-config --static" would ask for libcurl's own dependencies, whose development packages are
# seldom installed.
set(pc_libs "")
if(NOT BUILD_SHARED_LIBS)
  string(JOIN " " pc_libs " -lcurl -ldate-tz -lspdlog -lfmt -lSQLiteCpp -lsqlite3 -lz"
         ${UTF8PROC_LDFLAGS} ${XXHASH_LDFLAGS} ${PQXX_LDFLAGS} ${PQ_LDFLAGS} -pthread)
endif()
# From the .pc file's own folder up to the prefix, so that the installed tree can be moved.
file(RELATIVE_PATH pc_prefix "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
configure_file("${CMAKE_CURRENT_LIST_DIR}/weir.pc.in" "${CMAKE_CURRENT_BINARY_DIR}/weir.pc" @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/weir.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
