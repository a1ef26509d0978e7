#include "server/chunk_reader.h"

#include <algorithm>
#include <charconv>

#include "server/http_head.h"

namespace weir::server {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
// 60 bits: sums of sizes cannot overflow.
constexpr std::size_t kMostSizeDigits = 15;

}  // namespace

std::size_t ChunkReader::read(std::string_view bytes, std::string& body) {
  std::size_t taken = 0;
  while (taken < bytes.size() && !is_whole() && !is_wrong()) {
    const std::string_view rest = bytes.substr(taken);
    taken += state_ == State::kData ? read_data(rest, body) : read_line(rest);
  }
  return taken;
}

std::size_t ChunkReader::read_data(std::string_view bytes, std::string& body) {
  const std::size_t count = std::min<std::uint64_t>(left_, bytes.size());
  body.append(bytes.substr(0, count));
  left_ -= count;
  if (left_ == 0) state_ = State::kDataEnd;
  return count;
}

// Up to the end of the line, or as far as there is.
std::size_t ChunkReader::read_line(std::string_view bytes) {
  const std::size_t count = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
  line_.append(bytes.substr(0, count));
  const std::size_t most = state_ == State::kDataEnd ? kLineEnd.size() : kMostFramingBytes;
  if (line_.size() > most) state_ = State::kWrong;
  if (is_wrong() || !line_.ends_with('\n')) return count;
  const bool has_end = line_.ends_with(kLineEnd);
  line_.resize(line_.size() - std::min(line_.size(), kLineEnd.size()));
  if (!has_end || has_control_character(line_)) {
    state_ = State::kWrong;
  } else if (state_ == State::kDataEnd) {
    state_ = line_.empty() ? State::kSizeLine : State::kWrong;
  } else if (state_ == State::kSizeLine) {
    take_size_line();
  } else if (state_ == State::kTrailer) {
    take_trailer();
  }
  line_.clear();
  return count;
}

void ChunkReader::take_size_line() {
  const std::size_t digits = std::min(line_.find_first_of("; \t"), line_.size());
  const char* const end = line_.data() + digits;
  const auto [stopped, fault] = std::from_chars(line_.data(), end, left_, 16);
  framing_ += line_.size() - digits;
  // A space that does not belong to an extension is read by some as the size's end.
  const bool is_good = digits > 0 && digits <= kMostSizeDigits && fault == std::errc() &&
                       stopped == end && (digits == line_.size() || line_[digits] == ';') &&
                       framing_ <= kMostFramingBytes;
  state_ = !is_good ? State::kWrong : left_ == 0 ? State::kTrailer : State::kData;
}

// Trailers are taken and thrown away.
void ChunkReader::take_trailer() {
  framing_ += line_.size();
  if (line_.empty()) {
    state_ = State::kWhole;
  } else if (!is_header_line(line_) || framing_ > kMostFramingBytes) {
    state_ = State::kWrong;
  }
}

}  // namespace weir::server
