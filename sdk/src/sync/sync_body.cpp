#include <weir/sync/sync_http.h>

namespace weir {

Result<std::string> SyncBody::read_all() {
  std::string text;
  if (const auto known = size()) text.reserve(static_cast<std::size_t>(*known));
  while (true) {
    const Result<std::string_view> piece = next();
    if (!piece) return piece.error();
    if (piece->empty()) return text;
    text += *piece;
  }
}

}  // namespace weir
