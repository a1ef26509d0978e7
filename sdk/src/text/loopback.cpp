#include "text/loopback.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "text/ascii.h"

namespace weir::text {
namespace {

using Ipv4 = std::array<std::uint8_t, 4>;
using Groups = std::array<std::uint16_t, 8>;

// Takes what stands before the first `end` off the text, and the end with it.
std::string_view take_part(std::string_view& text, char end) {
  const std::string_view part = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

// All of the text as a number of at most so many digits.
template <class Number>
std::optional<Number> number_of(std::string_view digits, int base, std::size_t most_digits) {
  Number number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stopped, fault] = std::from_chars(digits.data(), end, number, base);
  if (digits.size() > most_digits || fault != std::errc() || stopped != end) return std::nullopt;
  return number;
}

std::optional<Ipv4> ipv4_of(std::string_view text) {
  if (std::count(text.begin(), text.end(), '.') != 3 || text.ends_with('.')) return std::nullopt;
  Ipv4 address = {};
  for (std::uint8_t& byte : address) {
    const std::string_view part = take_part(text, '.');
    const auto number = number_of<std::uint8_t>(part, 10, 3);
    const bool may_be_octal = part.size() > 1 && part.starts_with('0');
    if (!number || may_be_octal) return std::nullopt;
    byte = *number;
  }
  return address;
}

// The groups of a part of an IPv6 address without "::"; empty: it is none. The last may be IPv4.
struct Part {
  Groups groups = {};
  std::size_t count = 0;
};
std::optional<Part> part_of(std::string_view text) {
  Part part;
  if (text.empty()) return part;
  if (text.ends_with(':')) return std::nullopt;
  while (!text.empty()) {
    const std::string_view group = take_part(text, ':');
    const auto ipv4 = text.empty() ? ipv4_of(group) : std::nullopt;
    const auto number = number_of<std::uint16_t>(group, 16, 4);
    if (part.count + (ipv4 ? 2 : 1) > part.groups.size() || (!ipv4 && !number)) return std::nullopt;
    if (ipv4) {
      for (const std::size_t at : {0U, 2U})
        part.groups.at(part.count++) =
            static_cast<std::uint16_t>(ipv4->at(at) << 8 | ipv4->at(at + 1));
    } else {
      part.groups.at(part.count++) = *number;
    }
  }
  return part;
}

std::optional<Groups> ipv6_of(std::string_view text) {
  const std::size_t gap = text.find("::");
  const auto front = part_of(text.substr(0, gap));
  const auto back = part_of(gap == std::string_view::npos ? "" : text.substr(gap + 2));
  if (!front || !back) return std::nullopt;
  const std::size_t count = front->count + back->count;
  if (gap == std::string_view::npos ? count != 8 : count > 7) return std::nullopt;
  Groups groups = front->groups;
  std::copy_n(back->groups.begin(), back->count, groups.end() - static_cast<int>(back->count));
  return groups;
}

}  // namespace

bool is_loopback(std::string_view host) {
  if (same_but_for_case(host, "localhost")) return true;
  if (const auto ipv4 = ipv4_of(host)) return ipv4->front() == 127;
  if (host.starts_with('[') != host.ends_with(']')) return false;
  const auto ipv6 = ipv6_of(host.starts_with('[') ? host.substr(1, host.size() - 2) : host);
  if (!ipv6) return false;
  const bool is_mapped =
      std::all_of(ipv6->begin(), ipv6->begin() + 5, [](auto g) { return g == 0; });
  if (is_mapped && ipv6->at(5) == 0xFFFF) return ipv6->at(6) >> 8 == 127;
  return *ipv6 == Groups{0, 0, 0, 0, 0, 0, 0, 1};
}

}  // namespace weir::text
