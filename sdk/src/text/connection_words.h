// The names and values of which a database's connection is made: libpq's "host=… password='…'", set
// apart by blanks, ODBC's "Driver={…};Pwd=…", by semicolons, and a URL's query. Pure, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::text {

struct ConnectionWord {
  std::string name;
  std::string value;  // without its quotes
};

// Empty when a name has no value, or a quote no end.
std::optional<std::vector<ConnectionWord>> connection_words(std::string_view words, char separator);

// Whether the text is meant as such words, well written or not, and not as a path.
bool is_connection_words(std::string_view text);

}  // namespace weir::text
