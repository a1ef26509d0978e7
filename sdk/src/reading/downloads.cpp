#include "reading/downloads.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "os/guarded.h"
#include "pacing/retry_policy.h"

namespace weir {
namespace {

// Calls that wait for a connection look for a free one every few milliseconds (budget/leases.h).
constexpr Milliseconds kLeftToCalls{100};

// Pieces of a file. A cut transfer would do as well, but for the platform that connection may last.
constexpr std::int64_t kFirstPiece = 256 * 1024;
constexpr std::int64_t kSmallestPiece = 64 * 1024;
constexpr std::int64_t kLargestPiece = 64 * 1024 * 1024;
constexpr std::int64_t kFastestGrowth = 8;

std::int64_t next_piece(std::int64_t piece, Milliseconds took, Milliseconds wanted) {
  const std::int64_t in_time = piece * wanted.count() / std::max<std::int64_t>(took.count(), 1);
  return std::clamp(std::min(in_time, kFastestGrowth * piece), kSmallestPiece, kLargestPiece);
}

std::string operation(const FileDownload& file) {
  return "downloading file " + file.file_name + " of entry " + file.entry_id;
}

Error invalid(const std::string& message) {
  return {.code = ErrorCode::kInvalidArgument, .message = message};
}

Error too_large(const FileDownload& file) {
  return invalid(operation(file) + ": it is larger than the limit of " +
                 std::to_string(file.max_bytes) + " bytes; allow more, or leave it");
}

Error cancelled(const FileDownload& file) {
  return {
      .code = ErrorCode::kCancelled,
      .message = operation(file) +
                 ": stopped; the part that has arrived is kept, and the same download goes on from "
                 "there",
      .may_have_been_sent = true};
}

Error cut_short(const FileDownload& file, const std::string& why) {
  return {.code = ErrorCode::kUnavailable,
          .message = operation(file) + ": " + why,
          .may_have_been_sent = true};
}

// Names come from form entries, and go into messages and the usage log.
bool is_printable(const std::string& text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return std::iscntrl(c) != 0; });
}

Result<void> check(const FileDownload& file) {
  const char* missing = file.entry_id.empty()    ? "the entry's id"
                        : file.file_name.empty() ? "the file's name"
                        : file.to.empty()        ? "where it is to go"
                                                 : nullptr;
  if (missing != nullptr) return invalid("a download needs " + std::string(missing));
  if (!is_printable(file.entry_id) || !is_printable(file.file_name))
    return invalid("the entry's id and the file's name must not hold control characters");
  if (file.to.find('\0') != std::string::npos)
    return invalid("where a download goes must not hold a NUL character");
  if (file.max_bytes < 0 || file.request_timeout <= Milliseconds{0})
    return invalid("a download's limits must be positive");
  return {};
}

// Puts one answer into the part file.
class Receiver {
 public:
  Receiver(const FileDownload& file, os::PartFile& part) : file_(file), part_(part) {}

  Result<void> begin(const api::FilePart& about) {
    total_ = about.total;
    is_partial_ = about.is_partial;
    if (total_.value_or(0) > file_.max_bytes) return too_large(file_);
    const bool goes_on = about.from > 0 || (is_partial_ && part_.size() > 0);
    if (!goes_on) return part_.restart(about.version, about.total);
    const bool is_as_long = !total_ || !part_.total() || total_ == part_.total();
    if (!total_) total_ = part_.total();
    const bool is_next = about.from == part_.size() && is_as_long;
    if (is_next && api::is_of_version(about, part_.version())) return {};
    if (Result<void> emptied = part_.restart(""); !emptied) return emptied;
    return cut_short(file_, "it changed meanwhile; it is fetched from its first byte");
  }

  Result<void> take(std::string_view bytes) {
    const std::int64_t size = part_.size() + static_cast<std::int64_t>(bytes.size());
    if (size > file_.max_bytes) return too_large(file_);
    if (Result<void> written = part_.append(bytes); !written) return written;
    if (!file_.on_progress) return {};
    Result<bool> wanted = os::guarded("on_progress", [&]() -> Result<bool> {
      return file_.on_progress({.bytes = size, .total = total_});
    });
    if (wanted) return *wanted ? Result<void>() : cancelled(file_);
    // As one that says no: it would throw at the next try too.
    wanted.error().code = ErrorCode::kCancelled;
    return wanted.error();
  }

  // Whether just the bytes up to `end` were sent, of a file that has more.
  bool is_piece_to(std::int64_t end) const {
    return is_partial_ && part_.size() == end && (!total_ || part_.size() < *total_);
  }
  bool is_whole() const { return !total_ || part_.size() == *total_; }

 private:
  const FileDownload& file_;
  os::PartFile& part_;
  bool is_partial_ = false;
  std::optional<std::int64_t> total_;
};

// After these the bytes on disk are of no more use.
bool is_for_good(const Error& error) {
  return error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kNotFound;
}

}  // namespace

Result<DownloadReport> Downloads::download(const FileDownload& file, const Context& context) {
  if (Result<void> usable = check(file); !usable) return usable.error();
  Result<os::PartFile> part = open_part(file);
  if (!part) return part.error();
  DownloadReport report{.resumed_from = part->size()};
  if (Result<void> fetched = fetch(file, *part, context, report); !fetched) {
    if (part->size() == 0 || is_for_good(fetched.error())) part->discard();
    return fetched.error();
  }
  if (Result<void> finished = part->finish(); !finished) return finished.error();
  report.bytes = part->size();
  return report;
}

// Bytes that cannot be gone on with are thrown away.
Result<os::PartFile> Downloads::open_part(const FileDownload& file) const {
  Result<os::PartFile> part =
      os::PartFile::open(file.to, options_.owner + "\n" + file.entry_id + "\n" + file.file_name);
  if (!part) return part;
  const bool may_go_on = !part->version().empty() && part->size() <= file.max_bytes;
  if (part->size() == 0 || may_go_on) return part;
  if (Result<void> emptied = part->restart(""); !emptied) return emptied.error();
  return part;
}

Result<void> Downloads::fetch(const FileDownload& file, os::PartFile& part, const Context& context,
                              DownloadReport& report) {
  Milliseconds last_byte = clock_->steady_now();
  std::int64_t most = options_.share_after > Milliseconds{0} ? kFirstPiece : 0;
  // Beginning anew is no progress: it could go on so for ever.
  std::int64_t furthest = part.size();
  for (int failures = 1;; ++failures) {
    const Milliseconds begun = clock_->steady_now();
    ++report.requests;
    const Result<Outcome> done = ask_once(file, part, most, context);
    if (done && *done == Outcome::kWhole) return {};
    if (part.size() > furthest) {
      furthest = part.size();
      failures = done ? 0 : 1;
      last_byte = clock_->steady_now();
    }
    if (done) {
      most = next_piece(most, clock_->steady_now() - begun, options_.share_after);
      // Pieces of which nothing tells that they belong together.
      if (part.version().empty()) most = 0;
      if (most == 0)
        if (Result<void> emptied = part.restart(""); !emptied) return emptied;
      clock_->wait(kLeftToCalls, context.stop);
      if (context.is_stopped()) return cancelled(file);
      continue;
    }
    if (context.is_stopped()) return cancelled(file);
    const auto rest = pacing::rest_after(done.error(), failures);
    const bool is_full = done.error().code == ErrorCode::kStoreFull;
    if (!rest || is_full || clock_->steady_now() + *rest > last_byte + options_.wait)
      return done.error();
    clock_->wait(*rest, context.stop);
    if (context.is_stopped()) return cancelled(file);
  }
}

Result<Downloads::Outcome> Downloads::ask_once(const FileDownload& file, os::PartFile& part,
                                               std::int64_t most, const Context& context) {
  Receiver receiver(file, part);
  const std::int64_t end = part.size() + most;
  const Result<api::FileEnd> received =
      platform_.file({.entry_id = file.entry_id,
                      .file_name = file.file_name,
                      .from = part.size(),
                      .version = part.version(),
                      .most = most,
                      .longest_silence = options_.wait},
                     {.begin = [&](const api::FilePart& about) { return receiver.begin(about); },
                      .bytes = [&](std::string_view bytes) { return receiver.take(bytes); }},
                     file.request_timeout, context);
  if (!received) return received.error();
  if (received->is_out_of_range) {
    // The condition held, so the file is the one we have; only its last answer was not noted. A
    // cache that has kept a cut answer takes that for all of it.
    const bool is_whole = received->size == part.size();
    if (is_whole && part.total().value_or(part.size()) == part.size()) return Outcome::kWhole;
    if (Result<void> emptied = part.restart(""); !emptied) return emptied.error();
    return cut_short(file, "it is shorter than before; it is fetched from its first byte");
  }
  if (most > 0 && receiver.is_piece_to(end)) return Outcome::kPiece;
  if (receiver.is_whole()) return Outcome::kWhole;
  return cut_short(file, "the answer ended before the file did");
}

}  // namespace weir
