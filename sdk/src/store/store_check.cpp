#include "store/store_check.h"

namespace weir::store {
namespace {

bool is_elsewhere(const std::string& location) { return location.find("://") != std::string::npos; }

}  // namespace

Result<std::vector<std::string>> damage_of(Store& store, const std::string& location) {
  return store.database->read([&](Statements& sql) -> Result<std::vector<std::string>> {
    std::vector<std::string> damage;
    if (is_elsewhere(location)) {
      sql.run("SELECT 1");
      return damage;
    }
    sql.for_each("PRAGMA quick_check", {}, [&](const SqlRow& line) {
      if (line.text(0) != "ok") damage.push_back(line.text(0));
    });
    return damage;
  });
}

}  // namespace weir::store
