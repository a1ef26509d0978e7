// ChunkReader: the body of a request that comes in chunks, read as its bytes arrive, in pieces of
// any size. Strict: whatever two servers could read in two ways is an error. A pure state machine.
//
//   ChunkReader reader;
//   std::string body;
//   reader.read("5\r\nhello\r\n0\r\n\r\nGET", body);  // takes 15 bytes; is_whole()
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::server {

class ChunkReader {
 public:
  // Of all that is not body: sizes, extensions and trailers, but for one size line a chunk.
  static constexpr std::size_t kMostFramingBytes = 8UL * 1024;

  // Takes bytes from the front until the body ends or goes wrong, and appends what of them is body.
  // Returns how many were taken.
  std::size_t read(std::string_view bytes, std::string& body);

  bool is_whole() const { return state_ == State::kWhole; }
  bool is_wrong() const { return state_ == State::kWrong; }

 private:
  enum class State { kSizeLine, kData, kDataEnd, kTrailer, kWhole, kWrong };

  std::size_t read_line(std::string_view bytes);
  std::size_t read_data(std::string_view bytes, std::string& body);
  void take_size_line();
  void take_trailer();

  State state_ = State::kSizeLine;
  std::string line_;        // as far as it has come
  std::uint64_t left_ = 0;  // of the chunk's data
  std::size_t framing_ = 0;
};

}  // namespace weir::server
