#include "sync/gzip.h"

#include <zlib.h>

#include <array>
#include <cassert>
#include <stdexcept>

namespace weir::sync {
namespace {

constexpr int kRawWindow = -15;  // zlib's way to say: deflate without header and trailer
constexpr int kMemory = 8;       // zlib's default

void append_little_endian(std::string& out, std::uint64_t number, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>((number >> (8 * i)) & 0xFF);
}

Bytef* bytes_of(std::string_view text) {
  // zlib reads through a pointer that is not const.
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

void GzipTrailer::add(std::string_view plain) {
  crc_ =
      static_cast<std::uint32_t>(::crc32(crc_, bytes_of(plain), static_cast<uInt>(plain.size())));
  size_ += plain.size();
}

void GzipTrailer::add(std::uint32_t crc, std::uint64_t size) {
  crc_ = static_cast<std::uint32_t>(::crc32_combine(crc_, crc, static_cast<z_off_t>(size)));
  size_ += size;
}

std::string gzip_header() {
  // Magic number, deflate, no flags, no time, no hints, unknown system.
  constexpr std::array<char, 10> kHeader = {'\x1f', '\x8b', 8, 0, 0, 0, 0, 0, 0, '\xff'};
  return {kHeader.data(), kHeader.size()};
}

std::string gzip_stored(std::string_view plain) {
  assert(plain.size() <= 0xFFFF);
  std::string out(1, '\0');  // not the last block, stored
  append_little_endian(out, plain.size(), 2);
  append_little_endian(out, ~plain.size(), 2);
  out += plain;
  return out;
}

std::string gzip_end(const GzipTrailer& trailer) {
  std::string out(1, '\x01');  // the last block, stored, of no bytes
  append_little_endian(out, 0, 2);
  append_little_endian(out, 0xFFFF, 2);
  append_little_endian(out, trailer.crc(), 4);
  append_little_endian(out, trailer.size(), 4);
  return out;
}

struct Deflater::Stream {
  z_stream zlib = {};
};

Deflater::Deflater() : stream_(std::make_unique<Stream>()) {
  const int ready = ::deflateInit2(&stream_->zlib, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRawWindow,
                                   kMemory, Z_DEFAULT_STRATEGY);
  if (ready != Z_OK) throw std::bad_alloc();
}

Deflater::~Deflater() { ::deflateEnd(&stream_->zlib); }

void Deflater::add(std::string_view plain, std::string& out) { run(plain, Z_NO_FLUSH, out); }

void Deflater::end(std::string& out) { run({}, Z_FULL_FLUSH, out); }

void Deflater::run(std::string_view plain, int flush, std::string& out) {
  std::array<char, 16384> buffer = {};
  z_stream& zlib = stream_->zlib;
  zlib.next_in = bytes_of(plain);
  zlib.avail_in = static_cast<uInt>(plain.size());
  do {
    zlib.next_out = reinterpret_cast<Bytef*>(buffer.data());
    zlib.avail_out = static_cast<uInt>(buffer.size());
    ::deflate(&zlib, flush);
    out.append(buffer.data(), buffer.size() - zlib.avail_out);
  } while (zlib.avail_out == 0);
}

}  // namespace weir::sync
