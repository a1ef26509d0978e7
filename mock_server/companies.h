// Companies: the organizations that one mock server plays, with one clock for all. Safe to use from
// several threads at once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platform.h"

namespace weir::mock {

class Companies {
 public:
  // Null when one cannot be set up; `problem` then says why.
  static std::unique_ptr<Companies> make(const Options& options, std::string& problem);

  Platform& first() { return *platforms_.front(); }
  const std::vector<std::unique_ptr<Platform>>& all() const { return platforms_; }
  bool are_several() const { return platforms_.size() > 1; }

  // Null when none has this number.
  Platform* find(const std::string& company_id) const;
  // Whoever answers a request that gives this number: a single organization answers all. Among
  // several, a number that none has is refused at nobody's expense.
  Platform& answering(const std::string& company_id);

 private:
  Companies() = default;
  std::string add(const Options& options);

  VirtualClock clock_;
  std::vector<std::unique_ptr<Platform>> platforms_;
  std::unique_ptr<Platform> nobody_;
};

}  // namespace weir::mock
