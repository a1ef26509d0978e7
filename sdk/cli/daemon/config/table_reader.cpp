#include "daemon/config/table_reader.h"

#include <algorithm>
#include <functional>
#include <sstream>
#include <utility>

#include "input/path_look.h"
#include "secret_file.h"
#include "settings_file.h"
#include "signals.h"

namespace weir::daemon {
namespace {

bool is_at(const Finding& finding, const toml::source_region& place) {
  const Finding here = cli::finding_at(place, "");
  return finding.file == here.file && finding.line == here.line && finding.column == here.column;
}

bool has_fault_at(const std::vector<Finding>& findings, const toml::source_region& place) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.level == Finding::Level::kFault && is_at(finding, place);
  });
}

bool has_fault_in(const std::vector<Finding>& findings, const toml::table& table) {
  if (has_fault_at(findings, table.source())) return true;
  return std::any_of(table.begin(), table.end(), [&](const auto& entry) {
    const auto& [key, node] = entry;
    return has_fault_at(findings, key.source()) || has_fault_at(findings, node.source()) ||
           (node.is_table() && has_fault_in(findings, *node.as_table()));
  });
}

}  // namespace

TableReader::TableReader(const toml::table& table, std::string place, std::string settings_file,
                         std::vector<Finding>& findings)
    : table_(table),
      place_(std::move(place)),
      settings_file_(std::move(settings_file)),
      findings_(findings) {}

// What the check of the table has blamed is not blamed again for what follows from it.
bool TableReader::is_sound(std::string_view name) const {
  const toml::node* node = table_.get(name);
  return node == nullptr || !has_fault_at(findings_, node->source());
}

bool TableReader::is_wholly_sound() const { return !has_fault_in(findings_, table_); }

std::string TableReader::text(std::string_view name, std::string otherwise) const {
  return table_[name].value_exact<std::string>().value_or(std::move(otherwise));
}

std::optional<std::string> TableReader::optional_text(std::string_view name) const {
  return table_[name].value_exact<std::string>();
}

std::vector<std::string> TableReader::texts(std::string_view name) const {
  const toml::node* node = table_.get(name);
  return node == nullptr ? std::vector<std::string>() : cli::texts_in(*node);
}

std::int64_t TableReader::number(std::string_view name, std::int64_t otherwise) const {
  return table_[name].value_exact<std::int64_t>().value_or(otherwise);
}

double TableReader::any_number(std::string_view name, double otherwise) const {
  return table_[name].value<double>().value_or(otherwise);
}

bool TableReader::truth(std::string_view name, bool otherwise) const {
  return table_[name].value_exact<bool>().value_or(otherwise);
}

Milliseconds TableReader::duration(std::string_view name, Milliseconds otherwise) const {
  return cli::duration_of(text(name)).value_or(otherwise);
}

std::int64_t TableReader::size(std::string_view name, std::int64_t otherwise) const {
  return cli::size_of(text(name)).value_or(otherwise);
}

std::optional<TimePoint> TableReader::moment(std::string_view name) const {
  const auto value = table_[name].value_exact<toml::date_time>();
  if (!value) return std::nullopt;
  using namespace std::chrono;
  const sys_days day = year{value->date.year} / value->date.month / value->date.day;
  const minutes offset{value->offset ? value->offset->minutes : 0};
  return TimePoint{day.time_since_epoch() + hours{value->time.hour} + minutes{value->time.minute} +
                   seconds{value->time.second} - offset};
}

std::string TableReader::path(std::string_view name) const { return from_here(text(name)); }

std::string TableReader::from_here(const std::string& path) const {
  return cli::from_folder_of(settings_file_, path);
}

Secret TableReader::secret(std::string_view name) {
  return has(name) ? secret_named(name, text(name)) : Secret();
}

Secret TableReader::secret_named(std::string_view name, const std::string& file) {
  if (!is_sound(name)) return {};
  Result<Secret> secret = cli::read_secret_file(settings_file_, where(name).file, file);
  if (!secret) {
    fault(name, "names a secret that cannot be used: " + secret.error().message);
    return {};
  }
  named_ += digest_of(secret->reveal()) + " ";
  return std::move(*secret);
}

Place TableReader::where() const {
  const Finding here = cli::finding_at(table_.source(), "");
  // A file without a table of its own for it has none.
  if (here.line == 0) return {.file = settings_file_, .line = 1, .column = 1};
  return {.file = here.file, .line = here.line, .column = here.column};
}

Place TableReader::where(std::string_view name) const {
  const toml::node* node = table_.get(name);
  if (node == nullptr) return where();
  const Finding here = cli::finding_at(node->source(), "");
  return {.file = here.file, .line = here.line, .column = here.column};
}

void TableReader::fault(std::string_view name, const std::string& what) {
  note(Finding::Level::kFault, name, what);
}

void TableReader::fault(const std::string& what) {
  findings_.push_back(fault_at(where(), (place_.empty() ? "" : place_ + " ") + what));
}

void TableReader::warn(std::string_view name, const std::string& what) {
  note(Finding::Level::kWarning, name, what);
}

bool TableReader::answers(std::string_view name, const std::string& path) {
  const Result<void> looked = cli::look_along(path, cli::stop_of_process());
  if (!looked) warn(name, "cannot be looked at now: " + looked.error().message);
  return looked.has_value();
}

void TableReader::note(Finding::Level level, std::string_view name, const std::string& what) {
  if (!is_sound(name)) return;
  const toml::node* node = table_.get(name);
  // One warning is enough; it hides no fault.
  const bool is_told = node != nullptr &&
                       std::any_of(findings_.begin(), findings_.end(), [&](const Finding& finding) {
                         return is_at(finding, node->source());
                       });
  if (level == Finding::Level::kWarning && is_told) return;
  Finding finding = fault_at(
      where(name), std::string(name) + (place_.empty() ? "" : " in " + place_) + " " + what);
  finding.level = level;
  findings_.push_back(std::move(finding));
}

std::string TableReader::fingerprint(const std::vector<std::string_view>& without) const {
  std::ostringstream text;
  for (const auto& [key, node] : table_) {
    if (std::find(without.begin(), without.end(), key.str()) != without.end()) continue;
    text << key.str() << "=";
    node.visit([&](const auto& value) { text << value; });
    text << '\n';
  }
  return digest_of(text.str() + named_);
}

std::string digest_of(std::string_view bytes) {
  return std::to_string(std::hash<std::string_view>()(bytes)) + "/" + std::to_string(bytes.size());
}

}  // namespace weir::daemon
