#include "http/coded_body.h"

#include <array>
#include <new>

#include "text/ascii.h"

namespace weir::http {
namespace {

// Of zlib: the largest window, told apart from gzip by the header; and the stream without one,
// which some servers send as "deflate".
constexpr int kGzipOrZlib = 15 + 32;
constexpr int kRawDeflate = -15;

// The interface of zlib is older than const.
Bytef* bytes_of(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

bool CodedBody::understands(std::string_view coding) {
  return text::same_but_for_case(coding, "gzip") || text::same_but_for_case(coding, "x-gzip") ||
         text::same_but_for_case(coding, "deflate");
}

void CodedBody::begin(int window, std::string_view coded) {
  end();
  stream_ = {};
  if (inflateInit2(&stream_, window) != Z_OK) throw std::bad_alloc();
  is_open_ = true;
  state_ = State::kRunning;
  stream_.next_in = bytes_of(coded);
  stream_.avail_in = static_cast<uInt>(coded.size());
}

void CodedBody::end() {
  if (is_open_) inflateEnd(&stream_);
  is_open_ = false;
}

CodedBody::Taken CodedBody::take(std::string_view coded, const Sink& sink) {
  if (coded.empty()) return Taken::kAll;
  const bool is_first = state_ == State::kNew;
  if (is_first) {
    begin(kGzipOrZlib, coded);
  } else {
    stream_.next_in = bytes_of(coded);
    stream_.avail_in = static_cast<uInt>(coded.size());
  }
  const Taken taken = run(sink);
  if (taken != Taken::kDamaged || !is_first || gave_bytes_) return taken;
  begin(kRawDeflate, coded);
  return run(sink);
}

CodedBody::Taken CodedBody::run(const Sink& sink) {
  std::array<char, 32 * 1024> plain;
  while (true) {
    if (state_ == State::kEnded) {
      // A further member of gzip may follow; anything else behind the end is nobody's.
      if (stream_.avail_in == 0 || *stream_.next_in != 0x1F) return Taken::kAll;
      begin(kGzipOrZlib, {reinterpret_cast<const char*>(stream_.next_in), stream_.avail_in});
    }
    stream_.next_out = reinterpret_cast<Bytef*>(plain.data());
    stream_.avail_out = static_cast<uInt>(plain.size());
    const int done = inflate(&stream_, Z_NO_FLUSH);
    if (done == Z_MEM_ERROR) throw std::bad_alloc();
    if (done != Z_OK && done != Z_STREAM_END && done != Z_BUF_ERROR) return Taken::kDamaged;
    const std::size_t made = plain.size() - stream_.avail_out;
    gave_bytes_ = gave_bytes_ || made > 0;
    if (made > 0 && !sink({plain.data(), made})) return Taken::kUnwanted;
    if (done == Z_STREAM_END) {
      state_ = State::kEnded;
    } else if (stream_.avail_out > 0) {
      return Taken::kAll;  // all that came was taken in
    }
  }
}

}  // namespace weir::http
