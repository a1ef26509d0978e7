#include "form_entries.h"

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <utility>

namespace weir::mock {
namespace {

std::string id_of_number(std::size_t number) {
  std::ostringstream id;
  id << std::hex << std::setw(32) << std::setfill('0') << number;
  return id.str();
}

Instant time_of(const FormEntry& entry, const FormQuery& query) {
  return query.by_completed_time ? entry.completed : entry.received;
}

bool fits(const FormEntry& entry, const FormQuery& query, Instant now) {
  const Instant time = time_of(entry, query);
  return entry.form == query.form && entry.visible_from <= now &&
         (!query.from || *query.from <= time) && (!query.to || time <= *query.to);
}

}  // namespace

FormEntry FormEntries::add(FormEntry entry) {
  std::lock_guard lock(mutex_);
  if (entry.id.empty()) entry.id = id_of_number(entries_.size() + 1);
  return entries_.emplace_back(std::move(entry));
}

FormPage FormEntries::search(const FormQuery& query, Instant now) const {
  std::vector<FormEntry> found;
  {
    std::lock_guard lock(mutex_);
    std::copy_if(entries_.begin(), entries_.end(), std::back_inserter(found),
                 [&](const FormEntry& entry) { return fits(entry, query, now); });
  }
  std::stable_sort(found.begin(), found.end(), [&](const FormEntry& a, const FormEntry& b) {
    return time_of(a, query) < time_of(b, query);
  });
  if (query.descending) std::reverse(found.begin(), found.end());
  FormPage page{.entries = {}, .total = static_cast<std::int64_t>(found.size())};
  const std::int64_t first = std::min(query.page_number * query.page_size, page.total);
  const std::int64_t last = std::min(first + query.page_size, page.total);
  page.entries.assign(std::next(found.begin(), first), std::next(found.begin(), last));
  return page;
}

}  // namespace weir::mock
