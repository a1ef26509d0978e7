#include "input/input_error.h"

namespace weir::cli {

Error input_error(const std::string& where, const std::string& problem) {
  return {.code = ErrorCode::kInvalidArgument, .message = where + ": " + problem};
}

std::string at_line(const std::string& file, std::size_t line) {
  return file + ", line " + std::to_string(line);
}

Error at_row(Error error, const std::string& where) {
  if (error.code == ErrorCode::kInvalidArgument) error.message.insert(0, where + ": ");
  return error;
}

}  // namespace weir::cli
