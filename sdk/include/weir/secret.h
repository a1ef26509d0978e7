// Secret: a key or token that must never be seen: it cannot be streamed, compared or printed, and
// its memory is overwritten when it goes away.
//
// Used for the integration key of an organization. A Secret remembers where it came from, so that
// an error can name the place and not the value. Copies are allowed; as thread-safe as a
// std::string.
#pragma once

#include <weir/export.h>
#include <weir/result.h>

#include <string>
#include <string_view>

namespace weir::inline v0 {

class WEIR_EXPORT Secret {
 public:
  Secret() = default;
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  // The value of an environment variable. Empty when it is not set: Client::open() then says which
  // one is missing.
  static Secret from_env(const std::string& variable);

  // The first line of a file. Fails when the file cannot be read, is empty or a symbolic link,
  // belongs to another user than this one or root, or may be read by other users.
  static Result<Secret> from_file(const std::string& path);

  // A value that the program has from elsewhere. `source` is what errors call it, such as "the
  // vault".
  static Secret from_string(std::string value, std::string source);

  bool empty() const { return value_.empty(); }

  // Where the value came from, such as "environment variable WEIR_INTEGRATION_KEY".
  const std::string& source() const { return source_; }

  // The value itself. Call it only where the bytes go to the platform.
  std::string_view reveal() const { return value_; }

 private:
  Secret(std::string&& value, std::string source);

  std::string value_;
  std::string source_;
};

}  // namespace weir::inline v0
