#include <weir/why.h>

namespace weir::inline v0 {

std::string_view name_of(LimitedBy limited_by) {
  switch (limited_by) {
    case LimitedBy::kPrice:
      return "price";
    case LimitedBy::kDeadline:
      return "deadline";
    case LimitedBy::kShortest:
      return "shortest";
    case LimitedBy::kConnection:
      return "connection";
    case LimitedBy::kWriter:
      return "writer";
    case LimitedBy::kDaySpent:
      return "day_spent";
    case LimitedBy::kRest:
      return "rest";
    case LimitedBy::kHeld:
      return "held";
    case LimitedBy::kSetAside:
      return "set_aside";
    case LimitedBy::kPutBack:
      return "put_back";
    case LimitedBy::kOthers:
      return "others";
    case LimitedBy::kNothingWaits:
      return "nothing_waits";
  }
  return "nothing_waits";
}

}  // namespace weir::inline v0
