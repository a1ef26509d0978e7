#include "api/response_status.h"

#include <utility>

#include "api/json.h"
#include "text/ascii.h"

namespace weir::api {
namespace {

using nlohmann::json;

class StatusReader final : public nlohmann::json_sax<json> {
 public:
  ResponseStatus take() { return std::move(status_); }

  bool start_object(std::size_t) override {
    if (depth_ == 1 && is_named("responsestatus")) in_status_ = true;
    return enter();
  }
  bool start_array(std::size_t) override { return depth_ > 0 && enter(); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }

  bool key(string_t& name) override {
    name_ = std::move(name);
    return true;
  }

  bool string(string_t& text) override {
    note_value();
    if (depth_ == 1 && (is_named("error") || is_named("errormessage")) && !text.empty()) {
      status_.tells_of_errors = true;
      status_.other_words = std::move(text);
      return true;
    }
    if (!in_status_ || depth_ != 2) return true;
    if (is_named("errorcode")) {
      status_.code = std::move(text);
    } else if (is_named("message")) {
      status_.message = std::move(text);
    }
    return true;
  }

  bool null() override { return true; }
  bool boolean(bool value) override {
    const bool is_success = is_named("success") || is_named("issuccess") || is_named("succeeded");
    if (depth_ == 1 && is_success && !value) status_.tells_of_errors = true;
    return note_value();
  }
  bool number_integer(number_integer_t) override { return note_value(); }
  bool number_unsigned(number_unsigned_t) override { return note_value(); }
  bool number_float(number_float_t, const string_t&) override { return note_value(); }
  bool binary(binary_t&) override { return true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool enter() {
    const bool is_place = depth_ == 1 || (in_status_ && depth_ == 2);
    const bool lists_errors = is_place && (is_named("errors") || is_named("error"));
    name_.clear();
    ++depth_;
    if (lists_errors) errors_depth_ = depth_;
    return depth_ <= kDeepest;
  }
  bool leave() {
    if (--depth_ < errors_depth_) errors_depth_ = kNowhere;
    if (depth_ == 1) in_status_ = false;
    return true;
  }
  bool is_named(std::string_view name) const { return text::same_but_for_case(name_, name); }

  // An error has a value in it, an empty list has none.
  bool note_value() {
    if (errors_depth_ != kNowhere) status_.tells_of_errors = true;
    return true;
  }

  ResponseStatus status_;
  static constexpr int kNowhere = 0;

  int depth_ = 0;
  int errors_depth_ = kNowhere;  // inside the member that lists errors
  bool in_status_ = false;
  std::string name_;  // of the member that comes
};

}  // namespace

ResponseStatus response_status(std::string_view body) {
  StatusReader reader;
  if (has_nul(body)) return {};
  return json::sax_parse(body, &reader) ? reader.take() : ResponseStatus();
}

}  // namespace weir::api
