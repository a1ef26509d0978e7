// RowVersion: the version of a followed row, a moment or a number, as a database writes it. A plain
// value; pure functions, thread-safe.
#pragma once

#include <weir/clock.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::daemon {

class RowVersion {
 public:
  // "2026-11-30 08:15:00.25+01", "2026-11-30T08:15Z", "2026-11-30", "42", "1764490500.5". Empty: it
  // is neither a moment nor a number.
  static std::optional<RowVersion> parse(std::string_view text);

  // As it was written.
  const std::string& text() const { return text_; }

  // Whether this is later; a number and a moment cannot be compared, so neither is.
  bool is_later_than(const RowVersion& other) const;

  // The version that is so much earlier, in the same form. A number is of seconds since 1970, or of
  // milliseconds, microseconds or nanoseconds where it is as large as that is today; of a counter
  // that is as many numbers less.
  std::string minus(Milliseconds time) const;

  // Whether it is a moment after `time`. Without a zone it is taken for one of UTC; a number is a
  // moment where it is one within ten years of `time`, else a counter, which is never after it.
  bool is_after(TimePoint time) const;

  // The same whatever its zone, and with a minute for clocks that differ.
  bool is_certainly_after(TimePoint time) const;

 private:
  RowVersion() = default;
  bool read_moment(std::string_view text);
  bool read_number(std::string_view text);

  std::string text_;
  bool is_moment_ = false;
  long double number_ = 0;
  bool is_whole_ = false;
  std::int64_t local_seconds_ = 0;  // since 1970, in the moment's own zone
  std::int64_t nanoseconds_ = 0;
  std::int64_t offset_seconds_ = 0;  // of the zone, to the east
  int fraction_digits_ = 0;
  char separator_ = ' ';
  std::string zone_;  // as it was written
};

}  // namespace weir::daemon
