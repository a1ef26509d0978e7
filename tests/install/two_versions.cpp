// Two versions of Weir in one process: each program part calls the functions of its own.
#include <weir/error.h>

#include <cstring>

const char* name_by_plugin();

int main() {
  const bool own = std::strcmp(weir::error_code_name(weir::ErrorCode::kTimeout), "timeout") == 0;
  const bool other = std::strcmp(name_by_plugin(), "of the other version") == 0;
  return own && other ? 0 : 1;
}
