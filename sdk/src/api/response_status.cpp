#include "api/response_status.h"

#include <utility>

#include "api/json.h"

namespace weir::api {
namespace {

using nlohmann::json;

class StatusReader final : public nlohmann::json_sax<json> {
 public:
  ResponseStatus take() { return std::move(status_); }

  bool start_object(std::size_t) override {
    if (depth_ == 1 && name_ == "ResponseStatus") in_status_ = true;
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
    if (!in_status_ || depth_ != 2) return true;
    if (name_ == "ErrorCode") {
      status_.code = std::move(text);
    } else if (name_ == "Message") {
      status_.message = std::move(text);
    }
    return true;
  }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool enter() {
    name_.clear();
    return ++depth_ <= kDeepest;
  }
  bool leave() {
    if (--depth_ == 1) in_status_ = false;
    return true;
  }

  ResponseStatus status_;
  int depth_ = 0;
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
