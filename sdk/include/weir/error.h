// The one error type of Weir: what went wrong, as a code on which a caller acts, and a message for
// a person.
//
// Every fallible function returns Result<T> (result.h), which holds an Error when it failed. A
// message says what failed, on what, and what to do next; it never contains a key or token. Error
// is a plain value without threads.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace weir {

// Each code asks for a different action of the caller.
enum class ErrorCode {
  kInvalidArgument,     // the input is wrong: correct it; nothing was changed or sent
  kInvalidConfig,       // a setting is wrong or missing: correct it
  kUnauthenticated,     // the platform refused the company id or the key: check both
  kUnknownDataSource,   // the platform has no such data source: create it in the portal, or correct
                        // the id
  kNotFound,            // the platform has no such file: correct the names
  kRefused,             // the platform refused the content for good: see the dead letters
  kMissingRow,          // the platform has no row with a key that a call named
  kLocked,              // another writer holds the data source on the platform: retried later
  kTooManyConnections,  // no connection lease was free in time, or the platform refused one more
                        // connection
  kThrottled,           // the platform asks to wait (Error::retry_after)
  kBudgetExhausted,     // the org day's calls are spent; nothing was sent (Error::resets_at)
  kUnavailable,         // network failure or a server failure (5xx): retried later
  kTimeout,             // the time allowed for the operation passed
  kBadResponse,         // the answer was not what the platform documents
  kStoreBusy,           // another program holds the store's lock
  kStoreFull,           // the disk is full
  kOutboxFull,        // more would wait than SizeLimits::outbox_bytes: send first; nothing changed
  kStoreUnreachable,  // the store's database server does not answer: no call is made; retried later
  kStoreUnusable,     // the store cannot be opened, is damaged, read-only or from a newer version
  kCancelled,         // the caller asked to stop
  kForked,            // the client was made before fork(): open one in the child
};

// The stable name of a code, such as "budget_exhausted", for logs and scripts.
const char* error_code_name(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInvalidArgument;
  std::string message = {};
  // For kInvalidArgument: which of the rows or changes handed over is wrong, counted from 1.
  std::optional<std::size_t> position = {};
  // HTTP status of the answer that caused the error, if there was an answer.
  std::optional<int> http_status = {};
  // For kThrottled: how long the platform asks to wait.
  std::optional<std::chrono::seconds> retry_after = {};
  // For kBudgetExhausted: when the next org day begins.
  std::optional<std::chrono::system_clock::time_point> resets_at = {};
  // False only when it is certain that no byte of the request left this machine, so that the call
  // was refunded.
  bool may_have_been_sent = false;
};

}  // namespace weir
