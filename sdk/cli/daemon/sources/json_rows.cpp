// Objects of an array in a JSON document, written out one a line while the document is parsed.
#include <algorithm>
#include <istream>
#include <nlohmann/json.hpp>
#include <optional>
#include <streambuf>
#include <vector>

#include "daemon/sources/file_rows.h"
#include "input/input_error.h"
#include "input/ndjson_reader.h"
#include "input/text_file.h"

namespace weir::daemon {
namespace {

constexpr std::size_t kLinesPiece = 256 * 1024;

// "/data/items" as its names; "~1" stands for a slash and "~0" for a tilde.
std::vector<std::string> names_of(std::string_view pointer) {
  std::vector<std::string> names;
  for (const char c : pointer) {
    if (c == '/') {
      names.emplace_back();
    } else if (!names.empty()) {
      names.back() += c;
    }
  }
  for (std::string& name : names) {
    for (const auto& [sign, letter] : {std::pair{"~1", '/'}, std::pair{"~0", '~'}}) {
      for (std::size_t at = name.find(sign); at != std::string::npos; at = name.find(sign, at + 1))
        name.replace(at, 2, 1, letter);
    }
  }
  return names;
}

// The document for the parser, which would take a NUL for its end.
class DocumentBytes final : public std::streambuf {
 public:
  explicit DocumentBytes(cli::TextFile& file) : file_(file) {}

  std::optional<std::size_t> nul() const { return nul_; }

 private:
  int_type underflow() override {
    const std::string_view ahead = file_.ahead();
    piece_.assign(ahead.substr(0, ahead.find('\0')));
    if (piece_.size() < ahead.size()) nul_ = nul_.value_or(before_ + piece_.size());
    file_.skip(piece_.size());
    before_ += piece_.size();
    setg(piece_.data(), piece_.data(), piece_.data() + piece_.size());
    return piece_.empty() ? traits_type::eof() : traits_type::to_int_type(piece_.front());
  }

  cli::TextFile& file_;
  std::string piece_;
  std::size_t before_ = 0;
  std::optional<std::size_t> nul_;
};

// Takes the parser's events. Values outside of the array are passed over.
class RowsOfDocument final : public nlohmann::json_sax<nlohmann::json> {
 public:
  RowsOfDocument(std::vector<std::string> names, cli::TemporaryInput& rows)
      : names_(std::move(names)), rows_(rows) {}

  bool null() override { return value("null"); }
  bool boolean(bool is) override { return value(is ? "true" : "false"); }
  // Only "-0" is a zero here.
  bool number_integer(number_integer_t number) override {
    return value(number == 0 ? "-0" : std::to_string(number));
  }
  bool number_unsigned(number_unsigned_t number) override { return value(std::to_string(number)); }
  bool number_float(number_float_t, const string_t& text) override { return value(text); }
  bool string(string_t& text) override { return value(quoted(text)); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override {
    if (is_in_array_ && depth_ == 0) line_.clear();
    return open('{', false);
  }
  bool key(string_t& name) override {
    name_ = name;
    if (is_writing()) {
      comma();
      text() += quoted(name) + ':';
      needs_comma_ = false;
      return true;
    }
    if (!frames_.empty()) frames_.back().name = name;
    return true;
  }
  bool end_object() override { return close('}'); }

  bool start_array(std::size_t) override {
    if (!is_in_array_ && is_at_pointer()) {
      if (has_found_) return refuse("the array where `rows` points to comes twice");
      is_in_array_ = true;
      has_found_ = true;
      return true;
    }
    return open('[', true);
  }
  bool end_array() override {
    if (is_in_array_ && depth_ == 0) {
      is_in_array_ = false;
      end_value();
      return true;
    }
    return close(']');
  }

  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::json::exception& problem) override {
    const std::string item =
        is_in_array_ ? "item " + std::to_string(items_ + 1) + " of the array: " : "";
    const std::string cause = cli::json_fault(problem.what(), token, name_);
    if (cause.starts_with("member ")) return refuse(item + cause);
    return refuse("it is not valid JSON at byte " + std::to_string(position) +
                  (cause.empty() ? "" : ": " + item + cause));
  }

  Result<void> end(const std::string& path) {
    if (full_) return *full_;
    if (!problem_.empty()) return cli::input_error(path, problem_);
    if (!has_found_)
      return cli::input_error(path,
                              "there is no array where `rows` points to; a JSON pointer such "
                              "as \"/items\" names its place");
    return flush();
  }

 private:
  struct Frame {
    bool is_array;
    std::string name;       // of the member under way
    std::size_t index = 0;  // of the item under way
  };

  bool is_writing() const { return is_in_array_ && depth_ > 0; }

  bool is_at_pointer() const {
    if (frames_.size() != names_.size()) return false;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const Frame& frame = frames_[i];
      if ((frame.is_array ? std::to_string(frame.index) : frame.name) != names_[i]) return false;
    }
    return true;
  }

  static std::string quoted(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

  // What is nested in an item becomes a text in it.
  std::string& text() { return depth_ > 1 ? nested_ : line_; }

  void comma() {
    if (needs_comma_) text() += ',';
    needs_comma_ = true;
  }

  bool open(char sign, bool is_array) {
    if (!is_in_array_) {
      frames_.push_back({.is_array = is_array, .name = {}, .index = 0});
      return true;
    }
    if (depth_ == 0 && is_array) return refuse_item();
    if (depth_ > 0) comma();
    needs_comma_ = false;
    if (++depth_ == 2) nested_.clear();
    text() += sign;
    return true;
  }

  bool close(char sign) {
    if (!is_in_array_) {
      if (!frames_.empty()) frames_.pop_back();
      end_value();
      return true;
    }
    text() += sign;
    needs_comma_ = true;
    if (--depth_ == 1) line_ += quoted(nested_);
    if (depth_ > 0) return true;
    ++items_;
    bytes_ += line_ + '\n';
    return bytes_.size() < kLinesPiece || flushed();
  }

  bool value(const std::string& text_of_value) {
    if (is_writing()) {
      comma();
      text() += text_of_value;
      return true;
    }
    if (is_in_array_) return refuse_item();
    end_value();
    return true;
  }

  void end_value() {
    if (!frames_.empty()) ++frames_.back().index;
  }

  bool refuse_item() {
    return refuse("item " + std::to_string(items_ + 1) + " of the array is no object");
  }

  bool refuse(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  bool flushed() {
    const Result<void> done = flush();
    if (!done) full_ = done.error();
    return static_cast<bool>(done);
  }

  Result<void> flush() {
    Result<void> done = rows_.append(bytes_);
    bytes_.clear();
    return done;
  }

  const std::vector<std::string> names_;
  cli::TemporaryInput& rows_;
  std::vector<Frame> frames_;  // outside of the array
  bool is_in_array_ = false;
  bool has_found_ = false;
  std::size_t depth_ = 0;  // within an item
  std::size_t items_ = 0;
  bool needs_comma_ = false;
  std::string name_;  // of the last member
  std::string line_;
  std::string nested_;
  std::string bytes_;
  std::string problem_;
  std::optional<Error> full_;
};

}  // namespace

Result<cli::TemporaryInput> ndjson_of_json(const std::string& path, std::string_view pointer,
                                           cli::Encoding encoding) {
  Result<cli::TemporaryInput> rows = cli::TemporaryInput::make();
  if (!rows) return rows;
  Result<cli::TextFile> file = cli::TextFile::open(path, encoding);
  if (!file) return file.error();
  DocumentBytes bytes(*file);
  std::istream document(&bytes);
  RowsOfDocument taker(names_of(pointer), *rows);
  nlohmann::json::sax_parse(document, &taker);
  if (const auto at = bytes.nul())
    return cli::input_error(path, "it has a NUL byte, at byte " + std::to_string(*at + 1) +
                                      ", so it is not valid JSON");
  if (const std::optional<Error> cause = file->undecodable()) return *cause;
  if (Result<void> whole = taker.end(path); !whole) return whole.error();
  if (Result<void> whole = file->finish(); !whole) return whole.error();
  return rows;
}

}  // namespace weir::daemon
