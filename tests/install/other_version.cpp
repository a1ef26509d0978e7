// Stands for another version of Weir, which a plugin brings along: the same headers, with the next
// version's inline namespace, and bodies that say so.
#define v0 v1
#include <weir/error.h>

namespace weir::inline v0 {

const char* error_code_name(ErrorCode) { return "of the other version"; }

}  // namespace weir::inline v0

WEIR_EXPORT const char* name_by_plugin() {
  return weir::error_code_name(weir::ErrorCode::kTimeout);
}
