#include "text/without_key.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "text/ascii.h"

namespace weir::text {
namespace {

// Shorter ones are no keys, and would take half of every message with them.
constexpr std::size_t kShortestKey = 4;

constexpr std::string_view kHidden = "…";

// A letter of the key in each way in which foreign words may write it, in small letters.
using Spellings = std::vector<std::string>;

std::string hex(unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return {kDigits[byte >> 4U], kDigits[byte & 0xFU]};
}

std::string entity_of(char c) {
  constexpr std::array<std::pair<char, const char*>, 5> kNamed = {
      {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&apos;"}}};
  const auto* const found = std::find_if(kNamed.begin(), kNamed.end(),
                                         [&](const auto& named) { return named.first == c; });
  return found == kNamed.end() ? "" : found->second;
}

Spellings spellings_of(char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  Spellings spellings = {std::string(1, lowered(letter)), "%" + hex(byte)};
  if (is_letter_or_digit(letter)) return spellings;
  if (letter == ' ') spellings.emplace_back("+");
  if (byte >= 0x80) return spellings;
  spellings.push_back({'\\', letter});
  spellings.push_back("\\u00" + hex(byte));
  spellings.push_back("&#" + std::to_string(byte) + ";");
  spellings.push_back("&#x" + hex(byte) + ";");
  if (const std::string entity = entity_of(letter); !entity.empty()) spellings.push_back(entity);
  return spellings;
}

// Where a key that begins at this place may end, in whatever mixture of spellings; empty: it does
// not begin here.
std::vector<std::size_t> ends_of_key(std::string_view text, std::size_t at,
                                     const std::vector<Spellings>& key) {
  std::vector<std::size_t> ends = {at};
  for (const Spellings& letter : key) {
    std::vector<std::size_t> next;
    for (const std::size_t end : ends) {
      for (const std::string& spelling : letter) {
        const std::size_t after = end + spelling.size();
        if (text.substr(end).starts_with(spelling) &&
            std::find(next.begin(), next.end(), after) == next.end())
          next.push_back(after);
      }
    }
    if (next.empty()) return next;
    ends = std::move(next);
  }
  return ends;
}

}  // namespace

std::string without_key(std::string_view words, std::string_view key) {
  if (key.size() < kShortestKey) return std::string(words);
  std::vector<Spellings> letters;
  for (const char letter : key) letters.push_back(spellings_of(letter));
  const std::string low = lowered(words);
  std::string shown;
  shown.reserve(words.size());
  for (std::size_t at = 0; at < words.size();) {
    const std::vector<std::size_t> ends = ends_of_key(low, at, letters);
    if (ends.empty()) {
      shown += words[at++];
    } else {
      shown += kHidden;
      at = *std::max_element(ends.begin(), ends.end());
    }
  }
  return shown;
}

std::string without_keys(std::string words, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) words = without_key(words, key);
  return words;
}

}  // namespace weir::text
