// Result<T>: a value, or the Error that explains why there is none.
//
// Returned by every function of Weir that can fail. Member names are those of std::expected, to
// which this may become an alias once C++23 is the floor. Ignoring a returned Result is a compiler
// warning. value() of a Result that holds an error, and error() of one that holds a value, are
// programming mistakes: they throw std::logic_error, or end a program that is compiled without
// exceptions. A Result that was moved from still says whether it held a value. As thread-safe as T.
//
//   auto client = weir::Client::open(options);
//   if (!client) return report(client.error());
//   auto left = client->usage().transform([](const weir::Usage& usage) { return usage.left; });
//   std::cout << left.value_or(0);
#pragma once

#if __cplusplus < 202002L
#error "Weir needs C++20: compile with -std=c++20, or target_compile_features(... cxx_std_20)"
#endif

#include <weir/error.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace weir::inline v0 {

template <class T>
class [[nodiscard]] Result;

namespace detail {

[[noreturn]] inline void misuse(const std::string& what) {
#if defined(__cpp_exceptions)
  throw std::logic_error(what);
#else
  std::fprintf(stderr, "%s\n", what.c_str());
  std::abort();
#endif
}

// Of either Result: the state, and the functions for its error.
template <class Value>
class ResultState {
 public:
  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  Error& error() & {
    require_error();
    return std::get<1>(state_);
  }
  const Error& error() const& {
    require_error();
    return std::get<1>(state_);
  }
  Error&& error() && {
    require_error();
    return std::get<1>(std::move(state_));
  }

 protected:
  template <std::size_t Index, class... Arguments>
  explicit ResultState(std::in_place_index_t<Index> index, Arguments&&... arguments)
      : state_(index, std::forward<Arguments>(arguments)...) {}

  void require_value() const {
    if (!has_value()) misuse("weir::Result holds an error: " + std::get<1>(state_).message);
  }
  void require_error() const {
    if (has_value()) misuse("weir::Result holds a value and no error");
  }

  std::variant<Value, Error> state_;
};

}  // namespace detail

template <class T>
class [[nodiscard]] Result : public detail::ResultState<T> {
  using State = detail::ResultState<T>;

 public:
  using value_type = T;

  // Implicit, so that a function may return a value or an Error just so.
  // NOLINTBEGIN(google-explicit-constructor)
  Result(T value) : State(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : State(std::in_place_index<1>, std::move(error)) {}
  // NOLINTEND(google-explicit-constructor)

  T& value() & {
    this->require_value();
    return std::get<0>(this->state_);
  }
  const T& value() const& {
    this->require_value();
    return std::get<0>(this->state_);
  }
  T&& value() && {
    this->require_value();
    return std::get<0>(std::move(this->state_));
  }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // The value, or this instead of an error.
  template <class Other>
  T value_or(Other&& other) const& {
    return this->has_value() ? std::get<0>(this->state_)
                             : static_cast<T>(std::forward<Other>(other));
  }
  template <class Other>
  T value_or(Other&& other) && {
    return this->has_value() ? std::get<0>(std::move(this->state_))
                             : static_cast<T>(std::forward<Other>(other));
  }

  // `next(value)`, which returns a Result of its own; an error is passed on.
  template <class Next>
  auto and_then(Next&& next) const& -> std::invoke_result_t<Next, const T&> {
    if (!this->has_value()) return this->error();
    return std::invoke(std::forward<Next>(next), std::get<0>(this->state_));
  }
  template <class Next>
  auto and_then(Next&& next) && -> std::invoke_result_t<Next, T&&> {
    if (!this->has_value()) return std::move(*this).error();
    return std::invoke(std::forward<Next>(next), std::get<0>(std::move(this->state_)));
  }

  // A Result of what `change(value)` returns; an error is passed on.
  template <class Change>
  auto transform(Change&& change) const& {
    return transformed(std::forward<Change>(change), *this);
  }
  template <class Change>
  auto transform(Change&& change) && {
    return transformed(std::forward<Change>(change), std::move(*this));
  }

 private:
  template <class Change, class Self>
  static auto transformed(Change&& change, Self&& self) {
    using Given = decltype(std::forward<Self>(self).value());
    using Changed = std::remove_cvref_t<std::invoke_result_t<Change, Given>>;
    if (!self.has_value()) return Result<Changed>(std::forward<Self>(self).error());
    if constexpr (std::is_void_v<Changed>) {
      std::invoke(std::forward<Change>(change), std::forward<Self>(self).value());
      return Result<Changed>();
    } else {
      return Result<Changed>(
          std::invoke(std::forward<Change>(change), std::forward<Self>(self).value()));
    }
  }
};

template <>
class [[nodiscard]] Result<void> : public detail::ResultState<std::monostate> {
  using State = detail::ResultState<std::monostate>;

 public:
  using value_type = void;

  Result() : State(std::in_place_index<0>) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Error error) : State(std::in_place_index<1>, std::move(error)) {}

  // Says only that there is no error.
  void value() const { require_value(); }

  template <class Next>
  auto and_then(Next&& next) const -> std::invoke_result_t<Next> {
    if (!has_value()) return error();
    return std::invoke(std::forward<Next>(next));
  }
};

}  // namespace weir::inline v0
