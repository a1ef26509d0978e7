#include "budget/zone_file.h"

#include <cstdint>
#include <fstream>
#include <sstream>
#include <utility>

namespace weir::budget {
namespace {

constexpr std::string_view kMagic = "TZif";
constexpr std::size_t kHeader = 44;

std::int64_t big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes) number = (number << 8) | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(number);
}

// The counts of a header, in the order of RFC 8536, 3.1.
struct Counts {
  explicit Counts(std::string_view header) {
    const auto count = [&](std::size_t i) {
      return static_cast<std::size_t>(big_endian(header.substr(20 + 4 * i, 4)));
    };
    ut = count(0);
    standard = count(1);
    leap = count(2);
    times = count(3);
    types = count(4);
    letters = count(5);
  }

  std::size_t block(std::size_t time_bytes) const {
    return times * (time_bytes + 1) + types * 6 + letters + leap * (time_bytes + 4) + standard + ut;
  }

  std::size_t ut, standard, leap, times, types, letters;
};

}  // namespace

bool ends_too_early(std::string_view content, TimePoint now) {
  if (content.size() < kHeader || content.substr(0, 4) != kMagic || content[4] < '2') return false;
  const std::size_t second = kHeader + Counts(content).block(4);
  if (content.size() < second + kHeader) return false;
  content.remove_prefix(second);
  const Counts counts(content);
  const std::size_t end = kHeader + counts.block(8);
  if (content.size() < end) return false;
  const bool goes_on = content.substr(end).find(',') != std::string_view::npos;
  if (!goes_on) return false;
  if (counts.times == 0) return true;
  const std::int64_t last = big_endian(content.substr(kHeader + (counts.times - 1) * 8, 8));
  return TimePoint(std::chrono::seconds(last)) < now;
}

std::string read_zone_file(const std::string& zone_name) {
  std::ifstream file("/usr/share/zoneinfo/" + zone_name, std::ios::binary);
  // Unlike an iterator of its bytes, this throws nothing when the disk fails.
  std::ostringstream content;
  content << file.rdbuf();
  return std::move(content).str();
}

}  // namespace weir::budget
