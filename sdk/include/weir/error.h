// The one error type of Weir: a code for the kind of failure, on which a caller acts, and a message
// for a person.
//
// Every fallible function returns Result<T> (result.h), which holds an Error when it failed. A
// message names the failure, its object and the next step; it never contains a key or token. Error
// is a plain value without threads.
#pragma once

#include <weir/clock.h>
#include <weir/export.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace weir::inline v0 {

// Each code asks for a different action of the caller. The numbers never change.
enum class ErrorCode {
  kUnknown = 0,             // a defect of Weir, or an Error that nobody filled in
  kInvalidArgument = 1,     // the input is wrong: correct it; nothing was changed or sent
  kInvalidConfig = 2,       // a setting is wrong or missing: correct it
  kUnauthenticated = 3,     // the platform refused the company id or the key: check both
  kUnknownDataSource = 4,   // the platform has no such data source: create it in the portal, or
                            // correct the id
  kNotFound = 5,            // the platform has no such file or entry: correct the names
  kRefused = 6,             // the platform refused the content for good: see the dead letters
  kMissingRow = 7,          // the platform has no row with a key that a call named
  kLocked = 8,              // another writer holds the data source on the platform: retried later
  kTooManyConnections = 9,  // no connection lease was free in time, or the platform refused one
                            // more connection
  kThrottled = 10,          // the platform asks to wait (Error::retry_after)
  kBudgetExhausted = 11,    // the org day's calls are spent; nothing was sent (Error::resets_at)
  kUnavailable = 12,        // network failure or a server failure (5xx): retried later
  kTimeout = 13,            // the time allowed for the operation passed
  kBadResponse = 14,        // the answer is none that the platform documents
  kStoreBusy = 15,          // another process is writing to the store; retry
  kStoreFull = 16,          // the disk is full
  kOutboxFull = 17,  // more would wait than SizeLimits::outbox_bytes: send first; nothing changed
  kStoreUnreachable = 18,  // the store's database server does not answer: no call is made; retried
                           // later
  kStoreUnusable = 19,  // the store cannot be opened, is damaged, read-only or from a newer version
  kCancelled = 20,      // the caller asked to stop
  kForked = 21,         // it was opened before fork(): open one in the child
  kBusy = 22,           // another process of yours is at it, as a writer, a poll or a download:
                        // retried later
  kConflict = 23,       // the rows changed while they were read: try again
  kStoreIo = 24,        // the disk under the store failed; it may pass: retried later
  // 25 and 26 are codes of the C interface alone.
  kWrongRequest = 27,  // the platform refuses the request itself, whatever its rows: correct `url`,
                       // or the part that the message names
  kUntrusted = 28,  // the platform's certificate is not trusted: nothing was sent; see the message
};

// Whether trying the same again later may help though nobody changes anything. Weir itself tries
// the changes in the outbox again.
WEIR_EXPORT bool is_retryable(ErrorCode code);

// The stable name of a code, such as "budget_exhausted", for logs and scripts.
WEIR_EXPORT const char* error_code_name(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kUnknown;
  std::string message = {};
  // For kInvalidArgument: which of the rows or changes handed over is wrong, counted from 1.
  std::optional<std::size_t> position = {};
  // HTTP status of the answer that caused the error, if there was an answer.
  std::optional<int> http_status = {};
  // How long the platform asks to wait, with whatever answer.
  std::optional<std::chrono::seconds> retry_after = {};
  // For kBudgetExhausted: when the next org day begins.
  std::optional<TimePoint> resets_at = {};
  // False only when it is certain that no byte of the request left this machine, so that the call
  // was refunded.
  bool may_have_been_sent = false;
};

}  // namespace weir::inline v0
