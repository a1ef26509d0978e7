// Gzip answers that are put together from parts which were compressed earlier: a part is raw
// deflate data that ends on a byte boundary and needs nothing of what stands before it, so that the
// same compressed rows go into every answer that has them. The home of zlib.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir::sync {

// The checksum and length that end a gzip file.
class GzipTrailer {
 public:
  void add(std::string_view plain);
  void add(std::uint32_t crc, std::uint64_t size);
  std::uint32_t crc() const { return crc_; }
  std::uint64_t size() const { return size_; }

 private:
  std::uint32_t crc_ = 0;
  std::uint64_t size_ = 0;
};

// What begins a gzip file, a short text in it as it is, and what ends it.
std::string gzip_header();
std::string gzip_stored(std::string_view plain);
std::string gzip_end(const GzipTrailer& trailer);

// Compresses one part. Not thread-safe.
class Deflater {
 public:
  Deflater();
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  // Appends what has become of the text so far.
  void add(std::string_view plain, std::string& out);
  // Appends the rest, up to the byte boundary.
  void end(std::string& out);

 private:
  struct Stream;
  void run(std::string_view plain, int flush, std::string& out);

  std::unique_ptr<Stream> stream_;
};

}  // namespace weir::sync
