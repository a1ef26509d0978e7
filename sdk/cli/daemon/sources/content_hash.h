// ContentHash: tells one content from another, for what is kept in the store over versions of Weir:
// FNV-1a of 64 bits. Not for contents that somebody makes up to look alike. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::daemon {

class ContentHash {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) {
      value_ ^= static_cast<unsigned char>(c);
      value_ *= 0x100000001B3;
    }
  }

  std::string text() const { return std::to_string(value_); }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325;
};

inline std::string content_hash(std::string_view bytes) {
  ContentHash hash;
  hash.add(bytes);
  return hash.text();
}

}  // namespace weir::daemon
