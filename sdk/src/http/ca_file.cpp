#include "http/ca_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include "text/ascii.h"

namespace weir::http {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";

Error unusable(const std::string& path, const std::string& why) {
  return {.code = ErrorCode::kInvalidConfig,
          .message = "the CA file " + path + " " + why +
                     ". It must hold certificates in PEM (-----BEGIN CERTIFICATE-----)."};
}

int digit_of(char c) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t digit = kDigits.find(c);
  return digit == std::string_view::npos ? -1 : static_cast<int>(digit);
}

// The bytes of base64; empty when it is none.
std::optional<std::string> decoded(std::string_view text) {
  std::string bytes;
  unsigned int bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=' || text::trimmed({&c, 1}).empty()) continue;
    const int digit = digit_of(c);
    if (digit < 0) return std::nullopt;
    bits = bits << 6U | static_cast<unsigned int>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> static_cast<unsigned int>(count) & 0xFFU);
  }
  return bytes;
}

// Whether the bytes are one DER sequence that is as long as it says.
bool is_whole_sequence(const std::string& bytes) {
  const auto byte = [&](std::size_t at) {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
  };
  if (byte(0) != 0x30) return false;
  if (byte(1) < 0x80) return bytes.size() == 2 + byte(1);
  const std::size_t digits = byte(1) & 0x7FU;
  if (digits == 0 || digits > 4) return false;
  std::size_t length = 0;
  for (std::size_t i = 0; i < digits; ++i) length = length << 8U | byte(2 + i);
  return bytes.size() == 2 + digits + length;
}

}  // namespace

Result<void> check_ca_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return unusable(path, "is a folder");
  if (!std::filesystem::is_regular_file(path, ignored)) {
    return unusable(path,
                    std::filesystem::exists(path, ignored) ? "is not a file" : "is not there");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return unusable(path, std::string("cannot be read: ") + std::strerror(errno));
  std::ostringstream read;
  read << file.rdbuf();
  if (file.bad() || read.bad()) return unusable(path, "cannot be read to its end");
  const std::string content = std::move(read).str();
  if (text::trimmed(content).empty()) return unusable(path, "is empty");
  bool has_certificate = false;
  for (std::size_t at = content.find(kBegin); at != std::string::npos;
       at = content.find(kBegin, at + 1)) {
    const std::size_t label = at + kBegin.size();
    const std::size_t label_end = content.find(kDashes, label);
    const std::string name = content.substr(label, label_end - label);
    const std::size_t end = content.find(std::string(kEnd) + name + std::string(kDashes), label);
    if (label_end == std::string::npos || end == std::string::npos)
      return unusable(path, "is cut off");
    if (name.find("CERTIFICATE") == std::string::npos) continue;
    const std::size_t body = label_end + kDashes.size();
    const auto bytes = decoded(std::string_view(content).substr(body, end - body));
    // One that OpenSSL writes as TRUSTED has more behind its sequence.
    if (!bytes || (name == "CERTIFICATE" && !is_whole_sequence(*bytes)))
      return unusable(path, "holds a certificate that is damaged");
    has_certificate = true;
  }
  if (!has_certificate) return unusable(path, "has no certificate in it");
  return {};
}

}  // namespace weir::http
