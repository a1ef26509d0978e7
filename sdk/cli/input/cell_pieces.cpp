#include "input/cell_pieces.h"

namespace weir::cli {
namespace {

constexpr std::size_t kLongestCell = 64 * 1024 * 1024;

}  // namespace

CellPieces::Result CellPieces::add_cut(std::string_view buffer, std::optional<std::size_t> left) {
  if (const Result taken = take_held(left); taken != Result::kMore) return taken;
  if (text_.empty()) announced_ = left;
  held_ = buffer;
  held_left_ = left;
  return Result::kMore;
}

CellPieces::Result CellPieces::add_last(std::string_view buffer, std::optional<std::size_t> left) {
  if (const Result taken = take_held(left); taken != Result::kMore) return taken;
  if (!left || *left > buffer.size()) return Result::kUntold;
  text_ += buffer.substr(0, *left);
  return checked();
}

CellPieces::Result CellPieces::end() {
  if (const Result taken = take_held({}); taken != Result::kMore) return taken;
  return checked();
}

CellPieces::Result CellPieces::take_held(std::optional<std::size_t> left) {
  if (held_.empty()) return Result::kMore;
  std::size_t size = held_.size();
  // Some drivers name the size of the whole cell each time, or none at all: then the buffer is
  // full.
  if (left && held_left_ && *left != *held_left_) {
    if (*left > *held_left_ || *held_left_ - *left > size) return Result::kUntold;
    size = *held_left_ - *left;
  }
  text_ += held_.substr(0, size);
  held_.clear();
  return text_.size() > kLongestCell ? Result::kTooLong : Result::kMore;
}

CellPieces::Result CellPieces::checked() const {
  return announced_ && *announced_ != text_.size() ? Result::kUntold : Result::kWhole;
}

}  // namespace weir::cli
