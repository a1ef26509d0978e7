#include <weir/row.h>

namespace weir::inline v0 {
namespace {

const std::string kNoKey;

struct KeyOf {
  const std::string& operator()(const Upsert& change) const {
    return change.row.empty() ? kNoKey : change.row.front();
  }
  const std::string& operator()(const Erase& change) const { return change.key; }
  const std::string& operator()(const SetCells& change) const { return change.key; }
};

}  // namespace

const std::string& key_of(const Change& change) { return std::visit(KeyOf{}, change); }

}  // namespace weir::inline v0
