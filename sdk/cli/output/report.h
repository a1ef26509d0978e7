// What the commands print: one JSON object or a few readable lines on standard output. Pure
// functions.
#pragma once

#include <weir/error.h>
#include <weir/file_download.h>
#include <weir/usage.h>

#include <cstdint>
#include <string>

namespace weir::cli {

// The report of `weir push` and `weir apply`.
struct SendSummary {
  std::string source = {};
  std::int64_t rows = 0;
  std::int64_t upserted = 0;
  std::int64_t deleted = 0;
  std::int64_t unchanged = 0;
  std::int64_t calls = 0;
  std::int64_t calls_left = 0;
  std::int64_t dead_letters = 0;
  std::int64_t set_aside = 0;  // refused for good earlier, and the same as then
  bool doubtful = false;       // others change the platform's rows
  bool dry_run = false;
};

std::string as_json(const SendSummary& summary);
std::string as_text(const SendSummary& summary);

// The report of `weir download`.
struct DownloadSummary {
  std::string entry = {};
  std::string file = {};
  std::string to = {};
  DownloadReport report = {};
};

std::string as_json(const DownloadSummary& summary);
std::string as_text(const DownloadSummary& summary);

// 12.3 MB
std::string megabytes(std::int64_t bytes);

std::string as_json(const Usage& usage);
std::string as_text(const Usage& usage, TimePoint now);

// {"error":{"code","message"}}
std::string as_json(const Error& error);

// 2026-11-24T08:00:00Z
std::string iso_time(TimePoint time);

}  // namespace weir::cli
