#include "companies_file.h"

#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <utility>

#include "flags.h"

namespace weir::mock {
namespace {

using nlohmann::json;

constexpr int kConfiguration = 3;

class CompanyLine {
 public:
  CompanyLine(std::string place, const std::string& line)
      : place_(std::move(place)), object_(json::parse(line, nullptr, false)) {}

  Company read() const {
    if (!object_.is_object()) wrong(place_ + ": it is not a JSON object", kConfiguration);
    for (const auto& [name, value] : object_.items()) {
      if (!known().contains(name))
        wrong(place_ + ": '" + name + "' is no setting of an organization", kConfiguration);
    }
    Company company{.company_id = whole("company_id", 1, 1'000'000'000'000),
                    .integration_key = text("integration_key"),
                    .time_zone = text("time_zone")};
    if (object_.contains("calls_per_day"))
      company.calls_per_day = whole("calls_per_day", 0, 1'000'000'000);
    if (object_.contains("max_connections"))
      company.max_connections = static_cast<int>(whole("max_connections", 1, 50));
    const json& sources = object_.value("data_sources", json::array());
    if (!sources.is_array()) refuse("data_sources", "a list of texts such as \"ID:Col1,Col2\"");
    for (const json& source : sources) {
      if (!source.is_string()) refuse("data_sources", "a list of texts such as \"ID:Col1,Col2\"");
      company.data_sources.push_back(
          read_data_source(place_ + ": data_sources", source.get<std::string>()));
    }
    return company;
  }

 private:
  static const std::set<std::string>& known() {
    static const std::set<std::string> kNames = {"company_id",      "integration_key",
                                                 "time_zone",       "calls_per_day",
                                                 "max_connections", "data_sources"};
    return kNames;
  }

  [[noreturn]] void refuse(const char* name, const std::string& wanted) const {
    wrong(place_ + ": " + name + " must be " + wanted, kConfiguration);
  }

  std::int64_t whole(const char* name, std::int64_t least, std::int64_t most) const {
    const auto found = object_.find(name);
    if (found == object_.end() || !found->is_number_integer() || *found < least || *found > most)
      refuse(name, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return found->get<std::int64_t>();
  }

  std::string text(const char* name) const {
    const auto found = object_.find(name);
    if (found == object_.end() || !found->is_string() || found->get<std::string>().empty())
      refuse(name, "a text");
    return found->get<std::string>();
  }

  const std::string place_;
  const json object_;
};

}  // namespace

DataSourceOptions read_data_source(const std::string& place, const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0)
    wrong(place + " takes ID:Col1,Col2,..., not '" + text + "'");
  DataSourceOptions source{.external_id = text.substr(0, colon), .columns = {}};
  std::istringstream columns(text.substr(colon + 1));
  for (std::string column; std::getline(columns, column, ',');) source.columns.push_back(column);
  if (source.columns.size() < 2)
    wrong("data source " + source.external_id + " needs at least two columns");
  return source;
}

std::vector<Company> read_companies(const std::string& path) {
  struct stat found = {};
  std::ifstream file(path);
  if (!file || ::stat(path.c_str(), &found) != 0)
    wrong("cannot read the file of companies " + path, kConfiguration);
  if ((found.st_mode & 077) != 0)
    wrong("other users may read " + path + ", which holds keys; run: chmod 600 " + path,
          kConfiguration);
  std::vector<Company> companies;
  std::set<std::int64_t> ids;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    const std::string place = path + ", line " + std::to_string(++number);
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    companies.push_back(CompanyLine(place, line).read());
    if (!ids.insert(companies.back().company_id).second)
      wrong(place + ": company " + std::to_string(companies.back().company_id) + " comes twice",
            kConfiguration);
  }
  if (companies.empty()) wrong("there is no company in " + path, kConfiguration);
  return companies;
}

}  // namespace weir::mock
