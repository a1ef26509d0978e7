#include "journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

namespace weir::mock {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kUnusable = 8;  // an exit code, as that of weir-mock-device

std::string line_of(const CallCount& count) {
  return ordered_json{{"day", count.day}, {"calls", count.calls}, {"refused", count.refused}}
             .dump() +
         "\n";
}

std::string line_of(const AppliedPut& put) {
  return ordered_json{{"time_us", put.time.time_since_epoch().count()},
                      {"put", write_put(put.request)}}
             .dump(-1, ' ', false, json::error_handler_t::replace) +
         "\n";
}

// False: it is no line of a journal.
bool read_line(const std::string& line, Kept& kept) try {
  const json value = json::parse(line);
  if (!value.contains("put")) {
    kept.count = CallCount{.day = value.at("day").get<std::string>(),
                           .calls = value.at("calls").get<std::int64_t>(),
                           .refused = value.at("refused").get<std::int64_t>()};
    return true;
  }
  const Instant time(std::chrono::microseconds(value.at("time_us").get<std::int64_t>()));
  const auto request = read_put(value.at("put").get<std::string>());
  if (!std::holds_alternative<PutRequest>(request)) return false;
  kept.puts.push_back({.time = time, .request = std::get<PutRequest>(request)});
  return true;
} catch (const json::exception&) {
  return false;
}

bool write_all(int file, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote = ::write(file, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    done += static_cast<std::size_t>(wrote);
  }
  return true;
}

std::string reason() { return std::strerror(errno); }

}  // namespace

AppliedPut put_of(const DataSourceTable& table) {
  return {
      .time = table.last_updated(),
      .request = {.selector = {.id = table.id(), .external_id = table.external_id()},
                  .content = {.name = table.name(),
                              .headers = table.headers(),
                              .rows = std::vector<Row>(table.rows().begin(), table.rows().end())}}};
}

Journal::~Journal() {
  if (file_ >= 0) ::close(file_);
}

std::variant<Kept, std::string> Journal::open(const std::string& path) {
  path_ = path;
  // Rows are somebody's business: the file is for its owner only.
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0) return "the state file " + path + " cannot be opened: " + reason();
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0)
    return "the state file " + path + " is in use by another mock server";
  Kept kept;
  std::ifstream lines(path, std::ios::binary);
  for (std::string line; std::getline(lines, line) && !lines.eof();) {
    if (!read_line(line, kept)) {
      return "the state file " + path +
             " is not one of weir-mock-server; move it away to start anew";
    }
  }
  return kept;
}

std::string Journal::begin(const Kept& kept) {
  std::string text;
  if (kept.count) text += line_of(*kept.count);
  for (const AppliedPut& put : kept.puts) text += line_of(put);
  const std::string unfinished = path_ + ".new";
  const int file = ::open(unfinished.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return "the state file " + unfinished + " cannot be written: " + reason();
  const std::lock_guard guard(mutex_);
  const int before = std::exchange(file_, file);
  const bool is_done = ::flock(file, LOCK_EX | LOCK_NB) == 0 && write_all(file, text) &&
                       ::rename(unfinished.c_str(), path_.c_str()) == 0;
  ::close(before);
  return is_done ? "" : "the state file " + path_ + " cannot be written: " + reason();
}

void Journal::keep(const CallCount& count) { write(line_of(count)); }

void Journal::keep(const AppliedPut& put) {
  if (file_ >= 0) write(line_of(put));
}

void Journal::write(const std::string& line) {
  const std::lock_guard guard(mutex_);
  if (file_ < 0 || write_all(file_, line)) return;
  std::fprintf(stderr, "weir-mock-server: the state file %s cannot be written: %s\n", path_.c_str(),
               reason().c_str());
  std::_Exit(kUnusable);
}

}  // namespace weir::mock
