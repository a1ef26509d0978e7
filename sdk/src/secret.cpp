#include <weir/secret.h>

#include <cstdlib>
#include <utility>

#include "os/private_file.h"
#include "text/key_line.h"

namespace weir {
namespace {

// A plain assignment to memory that is never read again may be left out by the compiler; a volatile
// one may not.
void overwrite(std::string& text) {
  text.resize(text.capacity());
  for (volatile char& c : text) c = '\0';
  text.clear();
}

}  // namespace

// Of a short text, a move leaves the letters behind where nobody else overwrites them.
Secret::Secret(std::string&& value, std::string source)
    : value_(std::move(value)), source_(std::move(source)) {
  overwrite(value);
}

Secret::Secret(Secret&& other) noexcept
    : value_(std::move(other.value_)), source_(std::move(other.source_)) {
  overwrite(other.value_);
}

Secret& Secret::operator=(const Secret& other) {
  if (this == &other) return *this;
  overwrite(value_);
  value_ = other.value_;
  source_ = other.source_;
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  overwrite(value_);
  value_ = std::move(other.value_);
  source_ = std::move(other.source_);
  overwrite(other.value_);
  return *this;
}

Secret::~Secret() { overwrite(value_); }

Secret Secret::from_env(const std::string& variable) {
  const char* value = std::getenv(variable.c_str());
  return Secret(value == nullptr ? "" : value, "environment variable " + variable);
}

Result<Secret> Secret::from_file(const std::string& path) {
  Result<std::string> content = os::read_private_file(path);
  if (!content) return content.error();
  std::string line = content->substr(0, content->find('\n'));
  overwrite(*content);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (const auto objection = text::objection_to_key(line)) {
    overwrite(line);
    return Error{.code = ErrorCode::kInvalidConfig,
                 .message = "the secret file " + path + " " + *objection};
  }
  return Secret(std::move(line), "file " + path);
}

Secret Secret::from_string(std::string value, std::string source) {
  return Secret(std::move(value), std::move(source));
}

}  // namespace weir
