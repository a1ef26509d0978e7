#include "input/changes_file.h"

#include <algorithm>

#include "input/csv_reader.h"
#include "input/input_error.h"
#include "input/ndjson_reader.h"

namespace weir::cli {
namespace {

constexpr const char* kOp = "op";

std::size_t position_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

Error unknown_op(const std::string& where, const std::string& op, const char* known) {
  return input_error(where, "op is '" + op + "'; it must be " + known);
}

Result<std::size_t> key_position(const std::string& path, const std::vector<std::string>& names,
                                 std::size_t op_column, const std::optional<std::string>& key) {
  if (!key) return op_column == 0 ? std::size_t{1} : std::size_t{0};
  const std::size_t position = position_of(names, *key);
  if (position == names.size() || position == op_column)
    return input_error(path, "there is no column '" + *key + "' to be the key");
  return position;
}

Result<ChangesFile> from_csv(const std::string& path, const std::optional<std::string>& key) {
  Result<CsvReader> reader = CsvReader::open(path);
  if (!reader) return reader.error();
  const Result<std::vector<std::string>> names = reader->header();
  if (!names) return names.error();
  const std::size_t op_column = position_of(*names, kOp);
  if (op_column == names->size()) return input_error(path, "there is no column 'op'");
  if (names->size() < 2) return input_error(path, "there is no key");
  const Result<std::size_t> key_column = key_position(path, *names, op_column, key);
  if (!key_column) return key_column.error();
  ChangesFile file{.name = path};
  Row cells;
  Result<bool> more = true;
  while ((more = reader->next_row(names->size(), cells)) && *more) {
    Row row = {cells[*key_column]};
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i != *key_column && i != op_column) row.push_back(cells[i]);
    }
    const std::string& op = cells[op_column];
    if (op == "upsert") {
      file.changes.emplace_back(Upsert{std::move(row)});
    } else if (op == "delete") {
      file.changes.emplace_back(Erase{std::move(row.front())});
    } else {
      return unknown_op(at_line(path, reader->line()), op, "upsert or delete");
    }
    file.lines.push_back(reader->line());
  }
  if (!more) return more.error();
  return file;
}

// One NDJSON change, given the columns of the first upsert.
class RecordReader {
 public:
  RecordReader(std::string key, std::vector<std::string> columns)
      : key_(std::move(key)), columns_(std::move(columns)) {}

  Result<Change> read(const Record& record, const std::string& where) const {
    const auto op = member(record, kOp);
    if (!op) return input_error(where, "there is no member 'op'");
    const auto key = member(record, key_);
    if (!key) return input_error(where, "there is no member '" + key_ + "', the key");
    if (*op == "delete") return Change(Erase{*key});
    if (*op == "set") return set(record, *key);
    if (*op == "upsert") return upsert(record, where);
    return unknown_op(where, *op, "upsert, delete or set");
  }

 private:
  static std::optional<std::string> member(const Record& record, const std::string& name) {
    for (const auto& [found, value] : record) {
      if (found == name) return value.value_or("");
    }
    return std::nullopt;
  }

  Change set(const Record& record, const std::string& key) const {
    SetCells change{.key = key, .cells = {}};
    for (const auto& [name, value] : record) {
      if (name != kOp && name != key_)
        change.cells.push_back({.column = name, .value = value.value_or("")});
    }
    return change;
  }

  Result<Change> upsert(const Record& record, const std::string& where) const {
    Row row(columns_.size());
    for (const auto& [name, value] : record) {
      if (name == kOp) continue;
      const std::size_t position = position_of(columns_, name);
      if (position == columns_.size())
        return input_error(where, "member '" + name + "' is not in the first upsert");
      row[position] = value.value_or("");
    }
    return Change(Upsert{std::move(row)});
  }

  std::string key_;
  std::vector<std::string> columns_;
};

std::vector<std::string> names_without_op(const Record& record) {
  std::vector<std::string> names;
  for (const auto& [name, value] : record) {
    if (name != kOp) names.push_back(name);
  }
  return names;
}

bool is_upsert(const Record& record) {
  return std::any_of(record.begin(), record.end(), [](const auto& member) {
    return member.first == kOp && member.second == "upsert";
  });
}

struct Records {
  std::vector<Record> all;
  std::vector<std::size_t> lines;
};

Result<Records> read_records(const std::string& path) {
  Result<NdjsonReader> reader = NdjsonReader::open(path);
  if (!reader) return reader.error();
  Records records;
  Record record;
  Result<bool> more = false;
  while ((more = reader->next(record)) && *more) {
    records.all.push_back(record);
    records.lines.push_back(reader->line());
  }
  if (!more) return more.error();
  if (records.all.empty()) return input_error(path, "the file has no records");
  return records;
}

Result<ChangesFile> from_ndjson(const std::string& path, const std::optional<std::string>& key) {
  Result<Records> records = read_records(path);
  if (!records) return records.error();
  const std::vector<std::string> first = names_without_op(records->all.front());
  if (first.empty()) return input_error(at_line(path, records->lines.front()), "there is no key");
  const std::string key_name = key.value_or(first.front());
  const auto upsert = std::find_if(records->all.begin(), records->all.end(), is_upsert);
  std::vector<std::string> columns =
      upsert == records->all.end() ? first : names_without_op(*upsert);
  const auto key_position = std::find(columns.begin(), columns.end(), key_name);
  if (key_position != columns.end()) std::rotate(columns.begin(), key_position, key_position + 1);
  const RecordReader read(key_name, columns);
  ChangesFile file{.name = path, .changes = {}, .lines = records->lines};
  for (std::size_t i = 0; i < records->all.size(); ++i) {
    Result<Change> change = read.read(records->all[i], at_line(path, records->lines[i]));
    if (!change) return change.error();
    file.changes.push_back(std::move(*change));
  }
  return file;
}

}  // namespace

Result<ChangesFile> read_changes(const std::string& path, const std::optional<std::string>& key) {
  const bool ndjson =
      path.ends_with(".ndjson") || path.ends_with(".jsonl") || path.ends_with(".json");
  return ndjson ? from_ndjson(path, key) : from_csv(path, key);
}

}  // namespace weir::cli
