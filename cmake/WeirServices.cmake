# Installs what a service needs beside the command: units of systemd, which start nothing by
# themselves, and commented settings.
set(units "${PROJECT_BINARY_DIR}/systemd")
foreach(name weir-serve.service)
  # The prefix may be chosen as late as at the installation; the unit names the command in it.
  install(
    CODE "
file(READ \"${PROJECT_SOURCE_DIR}/examples/systemd/${name}\" unit)
string(REPLACE \"/usr/local/bin/\" \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/\" unit \"\${unit}\")
file(WRITE \"${units}/${name}\" \"\${unit}\")")
  install(FILES "${units}/${name}" DESTINATION lib/systemd/system)
endforeach()
install(FILES "${PROJECT_SOURCE_DIR}/examples/settings/weir.toml"
              "${PROJECT_SOURCE_DIR}/examples/settings/sync.toml"
              "${PROJECT_SOURCE_DIR}/examples/nginx/weir-sync.conf"
        DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples")
