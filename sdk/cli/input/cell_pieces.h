// CellPieces: a cell that an ODBC driver hands over in pieces, put together.
//
// How much a piece holds follows from the sizes that the driver names, never from an end mark:
// drivers leave those out, and what lies behind them is memory of ours. A driver that does not say
// enough is not believed. Pure; not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weir::cli {

class CellPieces {
 public:
  enum class Result { kMore, kWhole, kTooLong, kUntold };

  // A piece that did not hold all that was left: `buffer` is full, or may be. `left`: the bytes
  // that were left before it, if the driver knows.
  Result add_cut(std::string_view buffer, std::optional<std::size_t> left);

  // The last piece, whose size is `left`.
  Result add_last(std::string_view buffer, std::optional<std::size_t> left);

  // The driver has no more to give.
  Result end();

  const std::string& text() const { return text_; }

 private:
  Result take_held(std::optional<std::size_t> left);
  Result checked() const;

  std::string text_;
  std::string held_;  // a piece whose size the next one tells
  std::optional<std::size_t> held_left_;
  std::optional<std::size_t> announced_;
};

}  // namespace weir::cli
