// What DataSource takes for cells in a pair of braces too many, so that the compiler refuses them:
// as a row, two cells too deep would be one string from one pointer to another. Nothing makes or
// takes these.
#pragma once

#include <cstddef>

namespace weir::inline v0 {

struct OneRowTooDeep {
  template <std::size_t Cells>
  // NOLINTNEXTLINE(google-explicit-constructor)
  OneRowTooDeep(const char* const (&&cells)[Cells]) = delete;
};
struct RowsTooDeep {
  // NOLINTNEXTLINE(google-explicit-constructor)
  RowsTooDeep(OneRowTooDeep row) = delete;
};

}  // namespace weir::inline v0
