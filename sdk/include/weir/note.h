// Note: a short text that a program keeps in the store beside Weir's own data, such as how far it
// has read. Claim: a lock by name over all processes that share the store.
//
// Notes given to DataSource::apply() or publish() are kept in the same transaction as the changes:
// after a crash both are there or neither, so a program knows what it has handed over. Note is a
// plain value; a Claim may be destroyed by any thread.
#pragma once

#include <memory>
#include <string>
#include <utility>

namespace weir::inline v0 {

struct Note {
  std::string scope = {};  // its group, such as "read/OUTAGES"; at most 512 bytes
  std::string name = {};   // tells it from the others of its scope; at most 1,024 bytes
  std::string text = {};   // at most 64 KiB of UTF-8; empty: the note is forgotten
};

// Held until destroyed, or until its process dies. Must not outlive its Client.
class Claim {
 public:
  explicit Claim(std::shared_ptr<void> held) : held_(std::move(held)) {}
  Claim(Claim&&) noexcept = default;
  Claim& operator=(Claim&&) noexcept = default;
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim() = default;

 private:
  std::shared_ptr<void> held_;
};

}  // namespace weir::inline v0
