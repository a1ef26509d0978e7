// CodedBody: a body as it arrives in gzip or deflate, made plain piece by piece.
//
// libcurl does this too, but takes a stream that was cut off for a whole one. Not thread-safe.
#pragma once

#include <zlib.h>

#include <functional>
#include <string_view>

namespace weir::http {

class CodedBody {
 public:
  // Takes the next plain bytes; false ends it.
  using Sink = std::function<bool(std::string_view bytes)>;

  CodedBody() = default;
  CodedBody(const CodedBody&) = delete;
  CodedBody& operator=(const CodedBody&) = delete;
  ~CodedBody() { end(); }

  // Whether this is one of the codings that it understands.
  static bool understands(std::string_view coding);

  enum class Taken { kAll, kUnwanted, kDamaged };
  Taken take(std::string_view coded, const Sink& sink);

  // Whether the stream has come to its own end, or has not begun.
  bool is_whole() const { return state_ == State::kEnded || state_ == State::kNew; }

 private:
  enum class State { kNew, kRunning, kEnded };

  void begin(int window, std::string_view coded);
  void end();
  Taken run(const Sink& sink);

  z_stream stream_ = {};
  State state_ = State::kNew;
  bool is_open_ = false;
  bool gave_bytes_ = false;
};

}  // namespace weir::http
