// Trace: what happened in a simulation, as a hash by which two runs are compared, and as lines to
// read when somebody wants to read them; and the first rule that was broken.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/scheduler.h"

namespace weir::simulation {

// A rule that was broken: one of I1 … I10 (docs/testing.md), and how.
struct Violation {
  std::string rule;
  std::string what;
};

class Trace {
 public:
  Trace(Scheduler& scheduler, bool prints) : scheduler_(scheduler), prints_(prints) {}

  // Something happened: numbers and words, hashed one by one.
  template <class... Parts>
  void note(const Parts&... parts) {
    add(static_cast<std::uint64_t>(scheduler_.now().time_since_epoch().count()));
    (add(parts), ...);
    if (prints_) print((as_text(parts) + ...));
  }

  // More for the reader alone: not part of the hash.
  template <class... Parts>
  void show(const Parts&... parts) {
    if (prints_) print((as_text(parts) + ...));
  }

  // The first one ends the simulation.
  void violate(const std::string& rule, const std::string& what) {
    note("VIOLATION of ", rule, ": ", what);
    if (!violation_) violation_ = Violation{.rule = rule, .what = what};
    scheduler_.stop();
  }

  const std::optional<Violation>& violation() const { return violation_; }
  std::uint64_t hash() const { return hash_; }
  bool prints() const { return prints_; }

 private:
  void add(std::string_view text) {
    for (const char c : text) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  template <std::integral Number>
  void add(Number number) {
    hash_ = (hash_ ^ static_cast<std::uint64_t>(number)) * 1099511628211ULL;
  }

  static std::string as_text(std::string_view text) { return std::string(text); }
  static std::string as_text(const std::vector<std::string>& row) {
    std::string text = "(";
    for (const std::string& cell : row) text += (text.size() > 1 ? ", " : "") + cell;
    return text + ")";
  }
  template <std::integral Number>
  static std::string as_text(Number number) {
    return std::to_string(number);
  }

  void print(const std::string& line) const;

  Scheduler& scheduler_;
  const bool prints_;
  std::uint64_t hash_ = 14695981039346656037ULL;
  std::optional<Violation> violation_;
};

}  // namespace weir::simulation
