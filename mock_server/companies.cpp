#include "companies.h"

#include <random>
#include <utility>

namespace weir::mock {
namespace {

// Each organization's options: what they have in common, and what is its own.
std::vector<Options> options_of_each(const Options& options) {
  if (options.companies.empty()) return {options};
  std::vector<Options> each;
  std::vector<std::int64_t> ids;
  for (const Company& company : options.companies) ids.push_back(company.company_id);
  for (const Company& company : options.companies) {
    Options own = options;
    own.companies.clear();
    own.company_id = company.company_id;
    own.integration_key = company.integration_key;
    own.time_zone = company.time_zone;
    own.calls_per_day = company.calls_per_day.value_or(options.calls_per_day);
    own.max_connections = company.max_connections.value_or(options.max_connections);
    own.data_sources = company.data_sources;
    own.company_ids = ids;
    if (!own.state_file.empty()) own.state_file += "." + std::to_string(company.company_id);
    each.push_back(std::move(own));
  }
  return each;
}

// Knows no key that anybody could give, and no limit.
Options options_of_nobody(const Options& options) {
  Options nobody = options;
  nobody.company_id = 0;
  nobody.calls_per_day = 1'000'000'000;
  nobody.max_connections = 1000;
  nobody.data_sources.clear();
  nobody.state_file.clear();
  std::random_device random;
  for (int i = 0; i < 8; ++i) nobody.integration_key += std::to_string(random());
  return nobody;
}

}  // namespace

std::unique_ptr<Companies> Companies::make(const Options& options, std::string& problem) {
  std::unique_ptr<Companies> companies(new Companies());
  const std::vector<Options> each = options_of_each(options);
  for (const Options& own : each) {
    problem = companies->add(own);
    if (!problem.empty()) return nullptr;
  }
  if (companies->are_several())
    companies->nobody_ = std::make_unique<Platform>(options_of_nobody(each.front()),
                                                    companies->first().zone(), companies->clock_);
  return companies;
}

std::string Companies::add(const Options& options) {
  const std::optional<OrgZone> zone = OrgZone::open(options.time_zone);
  if (!zone) {
    const std::string similar = similar_zones(options.time_zone);
    return "unknown time zone '" + options.time_zone + "'" +
           (similar.empty() ? "" : "; similar: " + similar);
  }
  platforms_.push_back(std::make_unique<Platform>(options, *zone, clock_));
  return platforms_.back()->restore();
}

Platform* Companies::find(const std::string& company_id) const {
  for (const auto& platform : platforms_) {
    if (std::to_string(platform->options().company_id) == company_id) return platform.get();
  }
  return nullptr;
}

Platform& Companies::answering(const std::string& company_id) {
  if (!are_several()) return first();
  Platform* found = find(company_id);
  return found != nullptr ? *found : *nobody_;
}

}  // namespace weir::mock
