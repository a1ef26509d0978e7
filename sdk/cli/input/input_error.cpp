#include "input/input_error.h"

#include <weir/foreign_words.h>

#include <optional>

#include "input/utf16.h"
#include "output/printable.h"
#include "rows/row_check.h"

namespace weir::cli {
namespace {

constexpr std::size_t kLongestWord = 200;
constexpr std::size_t kLongestList = 1000;

}  // namespace

Error input_error(const std::string& where, const std::string& problem) {
  return {.code = ErrorCode::kInvalidArgument, .message = shown_message(where + ": " + problem)};
}

std::string shown_name(const std::string& name) {
  return "'" + first_bytes(name, kLongestWord) + "'";
}

std::string shown_words(const std::string& words) {
  return foreign_words(first_bytes(words, kLongestWord));
}

std::string plain_list(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    list += (list.empty() ? "" : ", ") + first_bytes(name, kLongestWord);
    if (list.size() > kLongestList) break;
  }
  return first_bytes(list, kLongestList);
}

std::string shown_list(const std::vector<std::string>& names) {
  return foreign_words(plain_list(names));
}

std::string at_line(const std::string& file, std::size_t line) {
  return file + ", line " + std::to_string(line);
}

std::string column_name_problem(const std::string& name, NamesAreOf what) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  const bool can_choose = what == NamesAreOf::kRows;
  if (name.empty())
    return can_choose ? "has no name; choose the columns that have one with --columns"
                      : "has no name; give it one, or leave it out";
  if (!to_utf16(name))
    return "has a name that is not valid UTF-8 text; --encoding latin1 or windows-1252 reads files "
           "of older systems";
  if (name.starts_with(kByteOrderMark)) return "has a byte order mark in its name";
  const std::optional<std::string> problem = outbox::column_name_problem(name);
  if (!problem) return "";
  if (!problem->starts_with("has a blank") && !problem->starts_with("has a sign")) return *problem;
  const std::string found = *problem + ": " + shown_name(name);
  if (!can_choose) return found + "; mend it in the file";
  return found + "; --columns 'NAME=" + first_bytes(name, kLongestWord) + "' gives it another";
}

Error with_advice(Error error, RowsAreOf what) {
  if (error.message.find("is not valid UTF-8") != std::string::npos) {
    error.message += what == RowsAreOf::kFile
                         ? " (--encoding latin1 or windows-1252 reads files of older systems)"
                         : " (the query or the connection must make UTF-8 of it)";
  }
  return error;
}

Error at_row(Error error, const std::string& where, RowsAreOf what) {
  if (error.code != ErrorCode::kInvalidArgument) return error;
  error.message = shown_message(where + ": " + error.message);
  if (error.message.find("keys must be unique") != std::string::npos)
    error.message += " (--key names the column that is; a query can make one of several columns)";
  return with_advice(std::move(error), what);
}

}  // namespace weir::cli
