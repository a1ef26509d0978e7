#include "daemon/entries/webhook_signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace weir::daemon {
namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::size_t kLeastKey = 24;
constexpr std::size_t kMostKey = 64;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string base64(std::string_view plain) {
  std::string text((plain.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes(plain),
                                   static_cast<int>(plain.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

// Empty when it is none.
std::string from_base64(std::string text) {
  while (text.size() % 4 != 0) text += '=';
  std::string plain(text.size() / 4 * 3 + 1, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(plain.data()), bytes(text),
                                   static_cast<int>(text.size()));
  if (size < 0) return "";
  std::size_t padding = 0;
  while (padding < 3 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  plain.resize(static_cast<std::size_t>(size) - padding);
  return plain;
}

std::string header_value(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string value;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && c != '%') {
      value += c;
    } else {
      value += {'%', kDigits[byte / 16], kDigits[byte % 16]};
    }
  }
  return value;
}

std::string signature(std::string_view key, const std::string& signed_text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest = {};
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes(signed_text),
           signed_text.size(), digest.data(), &size) == nullptr)
    return "";
  return "v1," + base64({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace

Result<Secret> webhook_key(const Secret& secret) {
  const std::string_view text = secret.reveal();
  const std::string key = text.starts_with(kPrefix)
                              ? from_base64(std::string(text.substr(kPrefix.size())))
                              : std::string();
  if (key.size() < kLeastKey || key.size() > kMostKey)
    return Error{.code = ErrorCode::kInvalidConfig,
                 .message = "the webhook's secret from " + secret.source() +
                            " is not whsec_ and 24 to 64 bytes in base64. Make one with: echo "
                            "whsec_$(openssl rand -base64 32)"};
  return Secret::from_string(key, secret.source());
}

std::vector<std::pair<std::string, std::string>> webhook_headers(std::string_view id,
                                                                 TimePoint time,
                                                                 std::string_view body,
                                                                 const Secret& key) {
  const std::string shown_id = header_value(id);
  const std::string seconds =
      std::to_string(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
  std::vector<std::pair<std::string, std::string>> headers = {{"webhook-id", shown_id},
                                                              {"webhook-timestamp", seconds}};
  if (!key.empty())
    headers.emplace_back("webhook-signature", signature(key.reveal(), shown_id + "." + seconds +
                                                                          "." + std::string(body)));
  return headers;
}

}  // namespace weir::daemon
