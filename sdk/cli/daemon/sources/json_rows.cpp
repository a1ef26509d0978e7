// Objects of an array in a JSON document, written out one a line while the document is parsed.
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "daemon/sources/file_rows.h"
#include "input/input_error.h"

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

// Where a NUL is, which the parser would take for the end of the document. The document is at its
// beginning again after that.
std::optional<std::size_t> first_nul(std::istream& document) {
  std::optional<std::size_t> found;
  std::vector<char> piece(kLinesPiece);
  for (std::size_t before = 0; !found && document; before += piece.size()) {
    document.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto end = piece.begin() + document.gcount();
    const auto nul = std::find(piece.begin(), end, '\0');
    if (nul != end) found = before + static_cast<std::size_t>(nul - piece.begin());
  }
  document.clear();
  document.seekg(0);
  return found;
}

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
    if (!is_in_array_ && !has_found_ && is_at_pointer()) {
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

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception&) override {
    problem_ = "it is not valid JSON at byte " + std::to_string(position);
    return false;
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
    problem_ = "item " + std::to_string(items_ + 1) + " of the array is no object";
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
  std::string line_;
  std::string nested_;
  std::string bytes_;
  std::string problem_;
  std::optional<Error> full_;
};

}  // namespace

Result<cli::TemporaryInput> ndjson_of_json(const std::string& path, std::string_view pointer) {
  Result<cli::TemporaryInput> rows = cli::TemporaryInput::make();
  if (!rows) return rows;
  std::ifstream document(path, std::ios::binary);
  if (!document) return cli::input_error(path, "it cannot be opened");
  if (const auto at = first_nul(document))
    return cli::input_error(path, "it has a NUL byte, at byte " + std::to_string(*at + 1) +
                                      ", so it is not valid JSON");
  RowsOfDocument taker(names_of(pointer), *rows);
  nlohmann::json::sax_parse(document, &taker);
  if (Result<void> whole = taker.end(path); !whole) return whole.error();
  return rows;
}

}  // namespace weir::daemon
