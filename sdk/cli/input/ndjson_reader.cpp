#include "input/ndjson_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "input/input_error.h"

namespace weir::cli {
namespace {

using nlohmann::json;

// A line longer than this is no record.
constexpr std::size_t kLongestLine = 64 * 1024 * 1024;
constexpr const char* kOneALine = "each line must be one JSON object, whole";
constexpr const char* kNotAnObject = "it is not a JSON object; each line must be one";
constexpr const char* kNulByte = "a NUL byte; is this a text file?";
constexpr const char* kNotUtf8 =
    "it is not UTF-8 text; --encoding latin1 or windows-1252 reads files of older systems";

constexpr std::size_t kLongestToken = 40;

// Receives the parser's events for one flat object, so that numbers keep their text and repeated
// names are seen.
class FlatObject final : public nlohmann::json_sax<json> {
 public:
  explicit FlatObject(Record& record) : record_(record) {}

  const std::string& problem() const { return problem_; }

  bool null() override { return value(std::nullopt); }
  bool boolean(bool flag) override { return value(flag ? "true" : "false"); }
  // Only "-0" is a zero here.
  bool number_integer(number_integer_t number) override {
    return value(number == 0 ? "-0" : std::to_string(number));
  }
  bool number_unsigned(number_unsigned_t number) override { return value(std::to_string(number)); }
  bool number_float(number_float_t, const string_t& text) override { return value(text); }
  bool string(string_t& text) override { return value(text); }
  bool binary(binary_t&) override { return refuse("binary data"); }

  bool start_object(std::size_t) override {
    if (++depth_ > 1)
      return refuse("member " + shown_name(name_) +
                    " is an object; cells are text, numbers, true, false or null");
    return true;
  }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override {
    if (depth_ == 0)
      return refuse(std::string(kNotAnObject) + "; jq -c '.[]' makes lines of a list");
    return refuse("member " + shown_name(name_) +
                  " is a list; cells are text, numbers, true, false or null");
  }
  bool end_array() override { return true; }

  bool key(string_t& name) override {
    name_ = name;
    const auto same = [&](const auto& member) { return member.first == name; };
    if (std::any_of(record_.begin(), record_.end(), same))
      return refuse("member " + shown_name(name) + " comes twice");
    return true;
  }

  bool parse_error(std::size_t position, const std::string& token,
                   const json::exception& problem) override {
    const std::string cause = json_fault(problem.what(), token, name_);
    if (cause.starts_with("member ")) return refuse(cause);
    return refuse("not valid JSON (at byte " + std::to_string(position) +
                  "): " + (cause.empty() ? kOneALine : cause));
  }

 private:
  bool value(std::optional<std::string> text) {
    if (depth_ == 0) return refuse(kNotAnObject);
    record_.emplace_back(name_, std::move(text));
    return true;
  }

  bool refuse(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  Record& record_;
  std::string name_;
  std::string problem_;
  int depth_ = 0;
};

}  // namespace

std::string json_fault(std::string_view words, const std::string& token, const std::string& name) {
  const auto tells = [&](const char* what) { return words.find(what) != std::string_view::npos; };
  if (tells("out_of_range"))
    return "member " + shown_name(name) + " is a number beyond what JSON readers take (" +
           (token.size() <= kLongestToken ? token : token.substr(0, kLongestToken) + "…") +
           "); write it as a text, in quotes";
  if (tells("ill-formed UTF-8")) return kNotUtf8;
  if (tells("surrogate")) return "half of a letter, a \\ud8… without its \\udc…";
  return "";
}

Result<NdjsonReader> NdjsonReader::open(const std::string& path, Encoding encoding) {
  Result<TextFile> file = TextFile::open(path, encoding);
  if (!file) return file.error();
  return NdjsonReader(std::move(*file));
}

Result<bool> NdjsonReader::next(Record& record) {
  while (true) {
    Result<bool> more = next_line();
    if (!more || !*more) return more;
    if (text_.find_first_not_of(" \t\r") == std::string::npos) continue;
    // The parser would take it for the end of the text, and pass over what is behind it.
    if (text_.find('\0') != std::string::npos) return input_error(at_line(path(), line_), kNulByte);
    record.clear();
    FlatObject object(record);
    if (json::sax_parse(text_, &object)) return true;
    if (const std::optional<Error> cause = file_.undecodable()) return *cause;
    const bool may_be_cut_off = file_.is_at_end() && !file_.ends_with_line_break();
    return input_error(
        at_line(path(), line_),
        object.problem() +
            (may_be_cut_off ? "; the file ends in this line, so it may be cut off" : ""));
  }
}

Result<bool> NdjsonReader::next_line() {
  text_.clear();
  if (file_.peek() == TextFile::kEnd) {
    if (Result<void> whole = file_.finish(); !whole) return whole.error();
    return false;
  }
  ++line_;
  for (std::string_view ahead = file_.ahead(); !ahead.empty(); ahead = file_.ahead()) {
    const std::size_t end = ahead.find('\n');
    text_ += ahead.substr(0, end);
    file_.skip(end == std::string_view::npos ? ahead.size() : end + 1);
    if (text_.size() > kLongestLine)
      return input_error(at_line(path(), line_), "the line is longer than 64 MiB");
    if (end != std::string_view::npos) break;
  }
  return true;
}

}  // namespace weir::cli
