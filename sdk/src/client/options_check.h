// The check of a client's options before anything is opened. Pure, thread-safe.
#pragma once

#include <weir/client_options.h>
#include <weir/result.h>

#include <utility>

namespace weir {

// Options that can be used: only checked() makes them, so that nobody works with others.
class CheckedOptions {
 public:
  const ClientOptions& operator*() const { return options_; }
  const ClientOptions* operator->() const { return &options_; }
  ClientOptions take() && { return std::move(options_); }

 private:
  friend Result<CheckedOptions> checked(ClientOptions options);
  explicit CheckedOptions(ClientOptions options) : options_(std::move(options)) {}

  ClientOptions options_;
};

// kInvalidConfig names the first option that cannot be used, and what to do about it.
Result<CheckedOptions> checked(ClientOptions options);

}  // namespace weir
