#include "input/ndjson_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "input/table.h"

namespace weir::cli {
namespace {

using nlohmann::json;

// Receives the parser's events for one flat object, so that numbers keep their text and repeated
// names are seen.
class FlatObject final : public nlohmann::json_sax<json> {
 public:
  explicit FlatObject(Record& record) : record_(record) {}

  const std::string& problem() const { return problem_; }

  bool null() override { return value(std::nullopt); }
  bool boolean(bool flag) override { return value(flag ? "true" : "false"); }
  bool number_integer(number_integer_t number) override { return value(std::to_string(number)); }
  bool number_unsigned(number_unsigned_t number) override { return value(std::to_string(number)); }
  bool number_float(number_float_t, const string_t& text) override { return value(text); }
  bool string(string_t& text) override { return value(text); }
  bool binary(binary_t&) override { return refuse("binary data"); }

  bool start_object(std::size_t) override {
    if (++depth_ > 1)
      return refuse("member '" + name_ +
                    "' is an object; cells are text, numbers, true, false or null");
    return true;
  }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override {
    if (depth_ == 0) return refuse("it is not a JSON object");
    return refuse("member '" + name_ + "' is a list; cells are text, numbers, true, false or null");
  }
  bool end_array() override { return true; }

  bool key(string_t& name) override {
    name_ = name;
    const auto same = [&](const auto& member) { return member.first == name; };
    if (std::any_of(record_.begin(), record_.end(), same))
      return refuse("member '" + name + "' comes twice");
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const json::exception&) override {
    return refuse("not valid JSON (at byte " + std::to_string(position) + ")");
  }

 private:
  bool value(std::optional<std::string> text) {
    if (depth_ == 0) return refuse("it is not a JSON object");
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

Result<NdjsonReader> NdjsonReader::open(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return input_error(path, "the file cannot be opened; check its name and permissions");
  return NdjsonReader(path, std::move(file));
}

Result<bool> NdjsonReader::next(Record& record) {
  record.clear();
  std::string text;
  while (std::getline(file_, text)) {
    ++line_;
    if (line_ == 1 && text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    FlatObject object(record);
    if (json::sax_parse(text, &object)) return true;
    return input_error(at_line(path_, line_), object.problem());
  }
  return false;
}

}  // namespace weir::cli
