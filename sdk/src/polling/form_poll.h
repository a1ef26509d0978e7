// FormPoll: looks for new entries of one form and hands them to its handler.
//
// A search begins an overlap before the newest entry handled and skips the ids of those that were,
// so entries that share a time, or that the platform shows late, are found. An entry is noted as
// handled after the handler has returned. A page that was read is not read again because a handler
// failed. A receipt in the future, by the platform's own clock, moves no search there, for it would
// find nothing else until then. Entries that are left alone are noted as well, so that no later
// search hands them over. One process at a time looks at a form. Called by one thread at a
// time.
#pragma once

#include <weir/form_entries.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/platform.h"
#include "budget/leases.h"
#include "polling/form_checkpoints.h"
#include "polling/look.h"

namespace weir {

// What a poll reaches the platform and its store with.
struct FormPollSeams {
  budget::Leases& leases;
  store::Database& database;
  const api::Platform& platform;
  std::shared_ptr<Clock> clock;
};

class FormPoll final : public Look {
 public:
  FormPoll(FormPollSeams seams, std::string form, EntryHandler handler, FormPollOptions options);

  const std::string& name() const override { return form_; }
  std::string key() const override { return "form " + form_; }
  Result<std::optional<TimePoint>> last_look() override;
  LookReport hand_over(const Context& context) override;
  LookReport look(const Context& context) override;

 private:
  Result<api::FormPage> read_page(TimePoint from, std::int64_t page, const Context& context);
  Result<TimePoint> search_from();
  Result<void> hand_page_over(std::vector<FormEntry> entries, LookReport& report,
                              const Context& context);
  Result<void> hand_waiting_over(LookReport& report, const Context& context);
  Result<void> hand_delivered_over(LookReport& report, const Context& context);
  Result<void> handle(const FormEntry& entry, std::optional<TimePoint> found_received);
  bool is_left_alone(const FormEntry& entry) const;
  Result<void> read_pages(LookReport& report, const Context& context);
  Result<bool> read_pages_from(TimePoint from, LookReport& report, const Context& context);

  const FormPollSeams seams_;
  const std::string form_;
  const EntryHandler handler_;
  const FormPollOptions options_;
  polling::FormCheckpoints checkpoints_;
  // Read and not handled yet.
  std::deque<FormEntry> waiting_;
  // Of the look under way, whoever handled it.
  std::optional<TimePoint> newest_found_;
  // FormPollOptions::since, as long as the form has no place of its own; otherwise zero.
  TimePoint since_ = {};
  // The platform's time as of the last page.
  TimePoint served_at_ = TimePoint::max();
};

}  // namespace weir
