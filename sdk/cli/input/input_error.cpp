#include "input/input_error.h"

#include <algorithm>

#include "input/utf16.h"

namespace weir::cli {

Error input_error(const std::string& where, const std::string& problem) {
  return {.code = ErrorCode::kInvalidArgument, .message = where + ": " + problem};
}

std::string at_line(const std::string& file, std::size_t line) {
  return file + ", line " + std::to_string(line);
}

std::string column_name_problem(const std::string& name) {
  constexpr std::size_t kLongestName = 1024;
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (name.empty()) return "has no name; choose the columns that have one with --columns";
  if (!to_utf16(name))
    return "has a name that is not valid UTF-8 text; --encoding latin1 or windows-1252 reads files "
           "of older systems";
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::any_of(name.begin(), name.end(), is_control))
    return "has a control character in its name";
  if (name.starts_with(kByteOrderMark)) return "has a byte order mark in its name";
  if (name.starts_with(' ') || name.ends_with(' '))
    return "has a blank around its name: '" + name + "'; --columns 'NAME=" + name +
           "' gives it another";
  if (name.size() > kLongestName) return "has a name of more than 1,024 bytes";
  return "";
}

Error at_row(Error error, const std::string& where, RowsAreOf what) {
  if (error.code != ErrorCode::kInvalidArgument) return error;
  error.message.insert(0, where + ": ");
  if (error.message.find("keys must be unique") != std::string::npos)
    error.message += " (--key names the column that is; a query can make one of several columns)";
  if (error.message.find("is not valid UTF-8") != std::string::npos) {
    error.message += what == RowsAreOf::kFile
                         ? " (--encoding latin1 or windows-1252 reads files of older systems)"
                         : " (the query or the connection must make UTF-8 of it)";
  }
  return error;
}

}  // namespace weir::cli
