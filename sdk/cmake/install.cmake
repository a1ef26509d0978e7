# Installs the library, its headers, the CMake package "weir" and the pkg-config file "weir".
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/weir")

install(TARGETS weir EXPORT weir-targets FILE_SET HEADERS)
install(EXPORT weir-targets NAMESPACE weir:: DESTINATION "${package_dir}")

configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/weir-config.cmake.in" "${CMAKE_CURRENT_BINARY_DIR}/weir-config.cmake"
  INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/weir-config-version.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/weir-config.cmake"
              "${CMAKE_CURRENT_BINARY_DIR}/weir-config-version.cmake"
        DESTINATION "${package_dir}")

# A user of libweir.a links its dependencies too, a user of libweir.so does not. They stand in
# Requires for the static library, because "pkg-config --static" would ask for libcurl's own
# dependencies as well, whose development packages are seldom installed.
set(pc_requires "cpp-httplib libcurl libpqxx libxxhash spdlog sqlite3 zlib")
set(pc_libs "-lSQLiteCpp -ldate-tz -pthread")
if(BUILD_SHARED_LIBS)
  set(pc_lines "Requires.private: ${pc_requires}\nLibs: -L\${libdir} -lweir\nLibs.private: ${pc_libs}")
else()
  set(pc_lines "Requires: ${pc_requires}\nLibs: -L\${libdir} -lweir ${pc_libs}")
endif()
# From the .pc file's own folder up to the prefix, so that the installed tree can be moved.
file(RELATIVE_PATH pc_prefix "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
configure_file("${CMAKE_CURRENT_LIST_DIR}/weir.pc.in" "${CMAKE_CURRENT_BINARY_DIR}/weir.pc" @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/weir.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
