#include "daemon/entries/append_recipient.h"

#include <array>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "daemon/entries/line_file.h"

namespace weir::daemon {
namespace {

constexpr std::size_t kMostAtOnce = 100;

// entries.ndjson of 14:03 becomes entries.20261129T140300Z.ndjson.
std::string rotated_name(const std::string& path, TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  std::array<char, 64> stamp = {};
  std::snprintf(stamp.data(), stamp.size(), ".%04d%02u%02uT%02d%02d%02dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  const std::filesystem::path whole(path);
  const std::filesystem::path folder = whole.parent_path();
  std::string name;
  for (int i = 1;; ++i) {
    name = (folder / (whole.stem().string() + stamp.data() +
                      (i > 1 ? "-" + std::to_string(i) : "") + whole.extension().string()))
               .string();
    if (!std::filesystem::exists(name)) return name;
  }
}

class AppendRecipient final : public Recipient {
 public:
  AppendRecipient(const AppendHandler& handler, RecipientParts parts)
      : handler_(handler), parts_(std::move(parts)), file_(handler.path) {}

  // One fdatasync for all of them.
  std::size_t batch() const override { return kMostAtOnce; }

  Handed hand_over(std::span<const QueuedEntry> entries, std::stop_token /*stop*/) override {
    std::string lines;
    for (const QueuedEntry& entry : entries) lines += entry.body + "\n";
    Result<void> done = open();
    if (done && is_full(lines.size())) done = rotate();
    if (done) done = file_.append(lines);
    if (!done) return {.verdict = HandlerAnswer::kAgain, .reason = done.error().message};
    return {};
  }

  void rest() override { file_.close(); }

 private:
  Result<void> open() {
    const Result<std::int64_t> torn = file_.open();
    if (!torn) return torn.error();
    if (*torn > 0 && parts_.log)
      parts_.log(LogLevel::kWarning, handler_.path + ": a torn last line of " +
                                         std::to_string(*torn) +
                                         " bytes was cut off; its entry is handed over again");
    return {};
  }

  bool is_full(std::size_t more) const {
    if (file_.size() == 0) return false;
    if (handler_.rotate_bytes &&
        file_.size() + static_cast<std::int64_t>(more) > *handler_.rotate_bytes)
      return true;
    if (!handler_.rotate_after) return false;
    const auto period = [&](TimePoint time) {
      return time.time_since_epoch() / *handler_.rotate_after;
    };
    return period(file_.changed_at()) < period(parts_.clock->now());
  }

  Result<void> rotate() {
    const std::string name = rotated_name(handler_.path, file_.changed_at());
    if (Result<void> moved = file_.move_to(name); !moved) return moved;
    return open();
  }

  const AppendHandler handler_;
  const RecipientParts parts_;
  LineFile file_;
};

}  // namespace

Result<std::unique_ptr<Recipient>> append_recipient(const AppendHandler& handler,
                                                    RecipientParts parts) {
  return std::unique_ptr<Recipient>(std::make_unique<AppendRecipient>(handler, std::move(parts)));
}

}  // namespace weir::daemon
