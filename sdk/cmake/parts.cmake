# Parts that a build may leave out. Its open functions then say what is missing and how to get it.
if(WEIR_WITH_POSTGRES)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(PQXX REQUIRED IMPORTED_TARGET libpqxx)
  pkg_check_modules(PQ REQUIRED IMPORTED_TARGET libpq)
  target_sources(
    weir
    PRIVATE src/store/postgres_connection.cpp
            src/store/postgres_database.cpp
            src/store/postgres_opening.cpp
            src/store/postgres_slot_locks.cpp
            src/store/postgres_store.cpp
            src/os/socket_watch.cpp)
  target_link_libraries(weir PRIVATE PkgConfig::PQXX PkgConfig::PQ)
else()
  target_sources(weir PRIVATE src/store/without_postgres.cpp)
endif()

# Reading a question and an answer's bytes needs nothing that the service needs.
if(NOT WEIR_WITH_SYNC)
  get_target_property(sources weir SOURCES)
  list(FILTER sources EXCLUDE REGEX "^src/sync/")
  list(APPEND sources src/sync/query_string.cpp src/sync/sync_body.cpp src/sync/sync_request.cpp
       src/sync/without_sync.cpp)
  set_target_properties(weir PROPERTIES SOURCES "${sources}")
endif()
