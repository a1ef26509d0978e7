#include "input/changes_file.h"

#include <algorithm>

#include "input/ndjson_reader.h"
#include "input/table.h"

namespace weir::cli {
namespace {

constexpr const char* kOp = "op";

std::size_t position_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

Error unknown_op(const std::string& where, const std::string& op, const char* known) {
  return input_error(where, "op is '" + op + "'; it must be " + known);
}

Result<ChangesFile> from_csv(const std::string& path, const std::optional<std::string>& key) {
  Result<Table> table = read_csv(path);
  if (!table) return table.error();
  const std::size_t op_column = position_of(table->columns, kOp);
  if (op_column == table->columns.size()) return input_error(path, "there is no column 'op'");
  const auto take_op = [&](Row& row) {
    std::string op = row[op_column];
    row.erase(row.begin() + static_cast<std::ptrdiff_t>(op_column));
    return op;
  };
  take_op(table->columns);
  std::vector<std::string> ops;
  for (Row& row : table->rows) ops.push_back(take_op(row));
  if (Result<void> moved = move_key_to_front(*table, key); !moved) return moved.error();
  ChangesFile file{.name = path, .changes = {}, .lines = table->lines};
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (ops[i] == "upsert") {
      file.changes.emplace_back(Upsert{table->rows[i]});
    } else if (ops[i] == "delete") {
      file.changes.emplace_back(Erase{table->rows[i].front()});
    } else {
      return unknown_op(at_line(path, table->lines[i]), ops[i], "upsert or delete");
    }
  }
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
