#include "storm_day.h"

#include <fstream>
#include <stdexcept>

namespace weir::demo {
namespace {

// The recorded files have no quotes in them.
std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::size_t begin = 0;
  for (std::size_t comma = line.find(','); comma != std::string::npos;
       comma = line.find(',', begin)) {
    cells.push_back(line.substr(begin, comma - begin));
    begin = comma + 1;
  }
  cells.push_back(line.substr(begin));
  return cells;
}

std::vector<std::vector<std::string>> read_lines(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path);
  std::vector<std::vector<std::string>> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(split(line));
  if (lines.empty()) throw std::runtime_error(path + " is empty");
  return lines;
}

TimedChange change_of(const std::vector<std::string>& line) {
  constexpr std::size_t kTime = 0, kOp = 1, kSource = 2, kRow = 3;
  const TimePoint time{Milliseconds{std::stoll(line.at(kTime))}};
  if (line.at(kOp) == "delete")
    return {.time = time, .source = line.at(kSource), .change = Erase{line.at(kRow)}};
  return {.time = time,
          .source = line.at(kSource),
          .change = Upsert{Row(line.begin() + kRow, line.end())}};
}

}  // namespace

StormDay load_storm_day(const std::string& folder) {
  StormDay day;
  const auto districts = read_lines(folder + "/districts.csv");
  for (std::size_t i = 1; i < districts.size(); ++i) day.initial[districts[i].front()];
  const auto rows = read_lines(folder + "/initial.csv");
  day.columns.assign(rows.front().begin() + 1, rows.front().end());
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const Row row(rows[i].begin() + 1, rows[i].end());
    day.initial[rows[i].front()][row.front()] = row;
  }
  const auto changes = read_lines(folder + "/changes.csv");
  for (std::size_t i = 1; i < changes.size(); ++i) day.changes.push_back(change_of(changes[i]));
  return day;
}

void apply_to(Tables& tables, const TimedChange& change) {
  std::map<std::string, Row>& table = tables[change.source];
  if (const auto* upsert = std::get_if<Upsert>(&change.change)) {
    table[upsert->row.front()] = upsert->row;
  } else {
    table.erase(key_of(change.change));
  }
}

}  // namespace weir::demo
