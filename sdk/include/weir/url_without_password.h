// How a database is named in messages and logs: by where it is, never by its password.
//
// For the three ways in which a database is named: a URL (postgresql://user:password@host/name),
// the words of libpq (host=… password=…) and a connection string of ODBC (Driver=…;Server=…;Pwd=…,
// also after odbc://). Used by the store and by the weir command. Pure functions, thread-safe.
#pragma once

#include <weir/export.h>

#include <string>
#include <string_view>

namespace weir::inline v0 {

// An address that may be shown. A URL or words keep scheme, user, host, port and database; a
// connection string keeps DSN, driver, server, port and database. A part that may belong to a
// password is left out. A path is shown as it is.
WEIR_EXPORT std::string url_without_password(std::string_view url);

// The words of a driver or a server, which may quote a password: every secret of the URL in them is
// replaced by "…".
WEIR_EXPORT std::string words_without_password(std::string_view words, std::string_view url);

}  // namespace weir::inline v0
