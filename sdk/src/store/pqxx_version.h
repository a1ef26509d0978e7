// What differs between libpqxx 6 (Debian 12) and libpqxx 7 (Debian 13), and nothing else: the store
// uses only what both have, and what stands here.
#pragma once

#include <pqxx/pqxx>
#include <string>
#include <vector>

namespace weir::store {

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

// libpqxx 6 would open a lost session again by itself, in the middle of a transaction. 7 never
// does.
inline void forbid_reconnecting([[maybe_unused]] pqxx::connection& connection) {
#if PQXX_VERSION_MAJOR < 7
  connection.inhibit_reactivation(true);
#endif
}

// Tells the server of a prepared statement. libpqxx 6 would wait for its first use, 7 never does.
inline void prepare_now([[maybe_unused]] pqxx::nontransaction& work,
                        [[maybe_unused]] const std::string& name) {
#if PQXX_VERSION_MAJOR < 7
  work.conn().prepare_now(name);
#endif
}

// Runs the prepared statement. A parameter is a text, or nullptr for NULL.
inline pqxx::result exec_prepared(pqxx::nontransaction& work, const std::string& name,
                                  const std::vector<const char*>& parameters) {
#if PQXX_VERSION_MAJOR < 7
  return work.exec_prepared(name, pqxx::prepare::make_dynamic_params(parameters));
#else
  pqxx::params params;
  params.append_multi(parameters);
  return work.exec_prepared(name, params);
#endif
}

// The only row that the statement answers with. Throws when there is none, or a second.
inline pqxx::row one_row(pqxx::nontransaction& work, const std::string& sql) {
  return work.exec1(sql);
}

// The bytes of a BYTEA.
inline std::string bytes_of(const pqxx::field& field) { return pqxx::binarystring(field).str(); }

#pragma GCC diagnostic pop

}  // namespace weir::store
