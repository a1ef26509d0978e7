# With WEIR_GROUP_SOURCES=N every program and library of the tree compiles up to N sources as one
# (CMake's unity build): the library headers, which cost far more than our code, are read once for a
# group. For builds and checks that start from nothing; a build that is changed file by file is
# faster without. group_sources.awk chooses the groups so that unnamed namespaces do not clash.
#
# weir_group_sources(FOLDER): all targets of this folder and below.
function(weir_group_sources folder)
  get_property(targets DIRECTORY "${folder}" PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(type MATCHES "^(EXECUTABLE|STATIC_LIBRARY|SHARED_LIBRARY|OBJECT_LIBRARY)$")
      weir_group_sources_of(${target})
    endif()
  endforeach()
  get_property(subfolders DIRECTORY "${folder}" PROPERTY SUBDIRECTORIES)
  foreach(subfolder IN LISTS subfolders)
    weir_group_sources("${subfolder}")
  endforeach()
endfunction()

function(weir_group_sources_of target)
  get_target_property(sources ${target} SOURCES)
  get_target_property(folder ${target} SOURCE_DIR)
  list(FILTER sources INCLUDE REGEX "[.]cpp$")
  list(TRANSFORM sources PREPEND "${folder}/" REGEX "^[^/]")
  list(LENGTH sources count)
  if(count LESS 2)
    return()
  endif()
  string(JOIN "\n" files ${sources})
  file(WRITE "${CMAKE_BINARY_DIR}/groups/${target}" "${files}\n")
  execute_process(
    COMMAND awk -v most=${WEIR_GROUP_SOURCES} -f "${PROJECT_SOURCE_DIR}/cmake/group_sources.awk"
            "${CMAKE_BINARY_DIR}/groups/${target}"
    OUTPUT_VARIABLE groups
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" groups "${groups}")
  foreach(line IN LISTS groups)
    string(REGEX MATCH "^([0-9]+)\t(.*)$" line "${line}")
    set_source_files_properties("${CMAKE_MATCH_2}" TARGET_DIRECTORY ${target}
                                PROPERTIES UNITY_GROUP ${CMAKE_MATCH_1})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()
