// What `weir outbox` prints: one JSON object or a table. Pure functions.
#pragma once

#include <weir/outbox.h>

#include <cstdint>
#include <optional>
#include <string>

namespace weir::cli {

std::string as_json(const OutboxContents& contents);
// `zone`: in which the moments are shown; empty is UTC.
std::string as_text(const OutboxContents& contents, const std::string& zone = {});

// The report of `weir outbox send`.
struct SentSummary {
  std::int64_t sent = 0;
  std::int64_t calls = 0;
  std::int64_t dead_letters = 0;
  std::optional<std::int64_t> calls_left = {};  // empty: not known
};

std::string as_json(const SentSummary& summary);
std::string as_text(const SentSummary& summary);

// The report of `weir outbox retry`.
struct RetrySummary {
  std::int64_t retried = 0;
  std::int64_t calls = 0;
  std::int64_t dead_letters = 0;                // refused again
  std::optional<std::int64_t> calls_left = {};  // empty: not known
  std::int64_t sent = 0;                        // all changes: those, and what waited beside them
};

std::string as_json(const RetrySummary& summary);
std::string as_text(const RetrySummary& summary);

}  // namespace weir::cli
