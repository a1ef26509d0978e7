// Result<T>: a value, or the Error that explains why there is none.
//
// Returned by every function of Weir that can fail. Member names are those of std::expected, to
// which this may become an alias once C++23 is the floor. Ignoring a returned Result is a compiler
// warning. value() on a Result that holds an error is a programming mistake and throws
// std::logic_error. As thread-safe as T.
//
//   auto client = weir::Client::open(options);
//   if (!client) return report(client.error());
#pragma once

#include <weir/error.h>

#include <stdexcept>
#include <utility>
#include <variant>

namespace weir {

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  // Implicit, so that a function may return a value or an Error just so.
  // NOLINTBEGIN(google-explicit-constructor)
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  // NOLINTEND(google-explicit-constructor)

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    require_value();
    return std::get<0>(state_);
  }
  const T& value() const& {
    require_value();
    return std::get<0>(state_);
  }
  T&& value() && {
    require_value();
    return std::get<0>(std::move(state_));
  }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const { return std::get<1>(state_); }

 private:
  void require_value() const {
    if (!has_value()) throw std::logic_error("weir::Result holds an error: " + error().message);
  }

  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Error error) : state_(std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<std::monostate, Error> state_;
};

}  // namespace weir
