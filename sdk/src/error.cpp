#include <weir/error.h>

namespace weir::inline v0 {

const char* error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kInvalidConfig:
      return "invalid_config";
    case ErrorCode::kUnauthenticated:
      return "unauthenticated";
    case ErrorCode::kUnknownDataSource:
      return "unknown_data_source";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kRefused:
      return "refused";
    case ErrorCode::kWrongRequest:
      return "wrong_request";
    case ErrorCode::kMissingRow:
      return "missing_row";
    case ErrorCode::kLocked:
      return "locked";
    case ErrorCode::kTooManyConnections:
      return "too_many_connections";
    case ErrorCode::kThrottled:
      return "throttled";
    case ErrorCode::kBudgetExhausted:
      return "budget_exhausted";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kUntrusted:
      return "untrusted";
    case ErrorCode::kTimeout:
      return "timeout";
    case ErrorCode::kBadResponse:
      return "bad_response";
    case ErrorCode::kStoreBusy:
      return "store_busy";
    case ErrorCode::kStoreFull:
      return "store_full";
    case ErrorCode::kOutboxFull:
      return "outbox_full";
    case ErrorCode::kStoreUnreachable:
      return "store_unreachable";
    case ErrorCode::kStoreUnusable:
      return "store_unusable";
    case ErrorCode::kCancelled:
      return "cancelled";
    case ErrorCode::kForked:
      return "forked";
    case ErrorCode::kBusy:
      return "busy";
    case ErrorCode::kConflict:
      return "conflict";
    case ErrorCode::kStoreIo:
      return "store_io";
    case ErrorCode::kUnknown:
      break;
  }
  return "unknown";
}

bool is_retryable(ErrorCode code) {
  switch (code) {
    case ErrorCode::kLocked:
    case ErrorCode::kBusy:
    case ErrorCode::kConflict:
    case ErrorCode::kTooManyConnections:
    case ErrorCode::kThrottled:
    case ErrorCode::kBudgetExhausted:
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimeout:
    case ErrorCode::kBadResponse:
    case ErrorCode::kStoreBusy:
    case ErrorCode::kStoreFull:
    case ErrorCode::kStoreIo:
    case ErrorCode::kStoreUnreachable:
    case ErrorCode::kOutboxFull:
      return true;
    case ErrorCode::kUnknown:
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kInvalidConfig:
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kUnknownDataSource:
    case ErrorCode::kNotFound:
    case ErrorCode::kRefused:
    case ErrorCode::kWrongRequest:
    case ErrorCode::kMissingRow:
    case ErrorCode::kUntrusted:
    case ErrorCode::kStoreUnusable:
    case ErrorCode::kCancelled:
    case ErrorCode::kForked:
      break;
  }
  return false;
}

}  // namespace weir::inline v0
