#include "rows/number_form.h"

#include <algorithm>
#include <charconv>

namespace weir::outbox {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kSigns = ".,' _";
// With an exponent beyond, a number is not written out.
constexpr int kMostZeros = 400;

bool are_digits(std::string_view text) {
  return text.find_first_not_of(kDigits) == std::string_view::npos;
}

// A number in its parts.
struct Parts {
  bool is_negative = false;
  std::string_view mantissa = {};  // with its signs
  int exponent = 0;
};

std::optional<Parts> parts_of(std::string_view text) {
  Parts parts;
  if (text.starts_with('-') || text.starts_with('+')) {
    parts.is_negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const std::size_t e = text.find_first_of("eE");
  parts.mantissa = text.substr(0, e);
  if (parts.mantissa.find_first_of(kDigits) == std::string_view::npos) return std::nullopt;
  for (const char c : parts.mantissa) {
    if (kDigits.find(c) == std::string_view::npos && kSigns.find(c) == std::string_view::npos)
      return std::nullopt;
  }
  if (e == std::string_view::npos) return parts;
  std::string_view exponent = text.substr(e + 1);
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  const char* end = exponent.data() + exponent.size();
  const auto [stopped, problem] = std::from_chars(exponent.data(), end, parts.exponent);
  if (problem != std::errc() || stopped != end || exponent.size() > 5) return std::nullopt;
  return parts;
}

// A single point or comma, with one to three digits before it and three behind.
bool is_ambiguous(std::string_view mantissa) {
  const std::size_t at = mantissa.find_first_of(".,");
  return at != std::string_view::npos && at >= 1 && at <= 3 && mantissa.size() == at + 4 &&
         mantissa.front() != '0' && are_digits(mantissa.substr(0, at)) &&
         are_digits(mantissa.substr(at + 1));
}

// Where the decimals begin: at the last point or comma, unless it divides groups. npos: nowhere.
std::size_t decimal_sign(std::string_view mantissa, SingleSign single) {
  const std::size_t last = mantissa.find_last_of(".,");
  if (last == std::string_view::npos) return last;
  if (std::count(mantissa.begin(), mantissa.end(), mantissa[last]) > 1)
    return std::string_view::npos;
  if (is_ambiguous(mantissa) && single == SingleSign::kGroups) return std::string_view::npos;
  return last;
}

// The digits of a whole number, in groups of three that one sign divides, or of two and then three
// as in India; empty when they are not.
std::optional<std::string> without_groups(std::string_view whole) {
  if (are_digits(whole)) return std::string(whole);
  const char sign = whole[whole.find_first_not_of(kDigits)];
  std::string digits;
  while (true) {
    const std::size_t end = whole.find(sign);
    const std::string_view group = whole.substr(0, end);
    const bool is_last = end == std::string_view::npos;
    const bool fits = is_last ? group.size() == 3 : !group.empty() && group.size() <= 3;
    if (!fits || !are_digits(group) || (!digits.empty() && group.size() < 2)) return std::nullopt;
    digits += group;
    if (is_last) return digits;
    whole.remove_prefix(end + 1);
  }
}

std::string written_out(bool is_negative, std::string digits, int exponent) {
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  while (digits.ends_with('0')) {
    digits.pop_back();
    ++exponent;
  }
  if (digits.empty()) return "0";
  const std::string sign = is_negative ? "-" : "";
  if (exponent > kMostZeros || exponent < -kMostZeros)
    return sign + digits + "e" + std::to_string(exponent);
  if (exponent >= 0) return sign + digits + std::string(static_cast<std::size_t>(exponent), '0');
  const auto decimals = static_cast<std::size_t>(-exponent);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  return sign + digits.insert(digits.size() - decimals, ".");
}

}  // namespace

bool is_ambiguous_number(std::string_view text) {
  const std::optional<Parts> parts = parts_of(text);
  return parts && is_ambiguous(parts->mantissa);
}

std::optional<std::string> number_form(std::string_view text, SingleSign single) {
  const std::optional<Parts> parts = parts_of(text);
  if (!parts) return std::nullopt;
  const std::string_view mantissa = parts->mantissa;
  const std::size_t point = decimal_sign(mantissa, single);
  const std::string_view decimals =
      point == std::string_view::npos ? std::string_view() : mantissa.substr(point + 1);
  const std::optional<std::string> whole = without_groups(mantissa.substr(0, point));
  if (!whole || !are_digits(decimals)) return std::nullopt;
  return written_out(parts->is_negative, *whole + std::string(decimals),
                     parts->exponent - static_cast<int>(decimals.size()));
}

}  // namespace weir::outbox
