#include "exit_code.h"

namespace weir::cli {

ExitCode exit_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidConfig:
      return kConfig;
    case ErrorCode::kUnauthenticated:
      return kAuthentication;
    case ErrorCode::kBudgetExhausted:
      return kBudgetExhausted;
    case ErrorCode::kUnknownDataSource:
    case ErrorCode::kNotFound:
    case ErrorCode::kLocked:
    case ErrorCode::kBusy:
    case ErrorCode::kConflict:
    case ErrorCode::kTooManyConnections:
    case ErrorCode::kThrottled:
    case ErrorCode::kUnavailable:
    case ErrorCode::kUntrusted:
    case ErrorCode::kWrongRequest:
    case ErrorCode::kTimeout:
    case ErrorCode::kBadResponse:
      return kService;
    case ErrorCode::kRefused:
    case ErrorCode::kMissingRow:
      return kPartial;
    case ErrorCode::kStoreBusy:
    case ErrorCode::kStoreFull:
    case ErrorCode::kOutboxFull:
    case ErrorCode::kStoreUnreachable:
    case ErrorCode::kStoreIo:
    case ErrorCode::kStoreUnusable:
      return kStore;
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kCancelled:
    case ErrorCode::kForked:
    case ErrorCode::kUnknown:
      break;
  }
  return kOtherFailure;
}

}  // namespace weir::cli
