#include "input/changes_file.h"

#include <algorithm>
#include <set>
#include <utility>

#include "input/csv_reader.h"
#include "input/input_error.h"
#include "input/ndjson_reader.h"
#include "input/row_layout.h"

namespace weir::cli {
namespace {

constexpr const char* kOp = "op";
constexpr const char* kOfTheSource = "a column of the data source";
constexpr const char* kOfTheFirst = "which the first upsert has";

std::size_t position_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

Error unknown_op(const std::string& where, const std::string& op, const char* known) {
  return input_error(where, "op is " + shown_words(op) + "; it must be " + known);
}

Error unknown_name(const std::string& where, const std::string& kind, const std::string& name,
                   const KnownColumns& known) {
  const std::string list = plain_list(known.names);
  return input_error(
      where,
      kind + " " + shown_name(name) +
          (known.are_certain ? " is no column of the data source; they are " + list
                             : " is none of the columns that are known from earlier "
                               "changes: " +
                                   list + "; if those were wrong, a weir push names them anew"));
}

// Of those that are not known already; a name is mended in the file alone.
Result<void> check_names(const std::string& where, const std::vector<std::string>& names,
                         const KnownColumns& known) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (position_of(known.names, names[i]) < known.names.size()) continue;
    if (const std::string problem = column_name_problem(names[i], NamesAreOf::kChanges);
        !problem.empty())
      return input_error(where, "column " + std::to_string(i + 1) + " " + problem);
  }
  return {};
}

// `what` it is: a column of the data source, or of the first upsert.
Error missing_name(const std::string& where, const std::string& name, const char* what) {
  return input_error(where, "there is no " + shown_name(name) + ", " + what +
                                "; --fill-empty leaves its cell empty");
}

Error no_op_column(const std::string& path, const std::vector<std::string>& names) {
  return input_error(
      at_line(path, 1),
      "there is no column 'op', which says upsert or delete; the columns are " + shown_list(names));
}

// The name of the key: what is asked for, else the first column that is known.
Result<std::optional<std::string>> key_name(const std::string& path,
                                            const std::optional<std::string>& key,
                                            const KnownColumns& known) {
  if (known.names.empty()) return key;
  if (!key || *key == known.names.front()) return std::optional(known.names.front());
  return input_error(path, "the key of the data source is " + shown_name(known.names.front()) +
                               ", not " + shown_name(*key) + "; leave --key out");
}

Result<std::size_t> key_position(const std::string& path, const std::vector<std::string>& names,
                                 std::size_t op_column, const std::optional<std::string>& key) {
  if (!key) return op_column == 0 ? std::size_t{1} : std::size_t{0};
  const std::size_t position = position_of(names, *key);
  if (position == names.size() || position == op_column)
    return input_error(path, "there is no column " + shown_name(*key) + " to be the key");
  return position;
}

// By its name; a pipe and many a file have none that says so, and then by what it begins with.
Result<bool> is_ndjson(const std::string& path, const TextFormat& format) {
  if (const std::optional<FileForm> form = form_by_name(path)) return *form == FileForm::kNdjson;
  Result<TextFile> file = TextFile::open(path, format.encoding);
  if (!file) return file.error();
  while (std::string_view(" \t\r\n").find(static_cast<char>(file->peek())) !=
         std::string_view::npos)
    file->skip(1);
  return file->peek() == '{' || file->peek() == '[';
}

// Where the cells of a CSV line go: position in the row of each column of the file. Empty: nowhere.
class CsvColumns {
 public:
  static Result<CsvColumns> make(const std::string& path, const std::vector<std::string>& names,
                                 const std::optional<std::string>& key, const KnownColumns& known) {
    CsvColumns columns;
    columns.op_ = position_of(names, kOp);
    if (columns.op_ == names.size()) return no_op_column(path, names);
    if (Result<void> usable = check_names(at_line(path, 1), names, known); !usable)
      return usable.error();
    if (names.size() < 2) return input_error(path, "there is no key");
    const Result<std::size_t> found = key_position(path, names, columns.op_, key);
    if (!found) return found.error();
    columns.key_ = *found;
    columns.width_ = known.names.empty() ? names.size() - 1 : known.names.size();
    columns.key_name_ = names[columns.key_];
    std::size_t next = 1;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!seen.insert(names[i]).second)
        return input_error(path, "column " + shown_name(names[i]) + " comes twice");
      if (i == columns.op_) {
        columns.targets_.push_back(columns.width_);
      } else if (known.names.empty()) {
        columns.targets_.push_back(i == columns.key_ ? 0 : next++);
      } else {
        columns.targets_.push_back(position_of(known.names, names[i]));
        if (columns.targets_.back() == known.names.size())
          return unknown_name(at_line(path, 1), "column", names[i], known);
      }
    }
    if (!known.fill_empty) {
      for (const std::string& name : known.names) {
        if (!seen.contains(name)) columns.missing_ = name;
      }
    }
    return columns;
  }

  const std::string& op(const Row& cells) const { return cells[op_]; }
  const std::string& key(const Row& cells) const { return cells[key_]; }
  const std::string& key_name() const { return key_name_; }
  // A column that an upsert needs.
  const std::optional<std::string>& missing() const { return missing_; }

  Row row(const Row& cells) const {
    Row row(width_);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (targets_[i] < width_) row[targets_[i]] = cells[i];
    }
    return row;
  }

 private:
  std::size_t op_ = 0;
  std::size_t key_ = 0;
  std::string key_name_ = {};
  std::size_t width_ = 0;
  std::vector<std::size_t> targets_ = {};
  std::optional<std::string> missing_ = {};
};

Result<ChangesFile> from_csv(const std::string& path, const std::optional<std::string>& key,
                             const TextFormat& format, const KnownColumns& known) {
  Result<CsvReader> reader = CsvReader::open(path, format);
  if (!reader) return reader.error();
  const Result<std::vector<std::string>> names = reader->header();
  if (!names) return names.error();
  if (const std::string hint = other_delimiter(*names, format); !hint.empty())
    return input_error(at_line(path, 1), hint);
  const Result<CsvColumns> columns = CsvColumns::make(path, *names, key, known);
  if (!columns) return columns.error();
  ChangesFile file{.name = path};
  if (!key) file.guessed_key = columns->key_name();
  Row cells;
  Result<bool> more = true;
  while ((more = reader->next_row(names->size(), cells)) && *more) {
    const std::string where = at_line(path, reader->line());
    const std::string& op = columns->op(cells);
    if (op == "upsert") {
      if (columns->missing()) return missing_name(where, *columns->missing(), kOfTheSource);
      if (known.names.empty() && file.columns.empty()) file.columns = columns->row(*names);
      file.changes.emplace_back(Upsert{columns->row(cells)});
    } else if (op == "delete") {
      file.changes.emplace_back(Erase{columns->key(cells)});
    } else {
      return unknown_op(where, op, "upsert or delete");
    }
    file.lines.push_back(reader->line());
  }
  if (!more) return more.error();
  file.doubt = reader->doubt();
  if (!reader->ends_with_line_break()) file.open_end = reader->line();
  return file;
}

// One NDJSON change, given the columns.
class RecordReader {
 public:
  // `known`: they are those of the data source, not only of the first upsert.
  RecordReader(std::string key, std::vector<std::string> columns, const KnownColumns& known)
      : key_(std::move(key)), columns_(std::move(columns)), known_(known) {}

  Result<Change> read(const Record& record, const std::string& where) const {
    const auto op = member(record, kOp);
    if (!op) return input_error(where, "there is no member 'op'");
    const auto key = member(record, key_);
    if (!key) return input_error(where, "there is no member " + shown_name(key_) + ", the key");
    if (*op == "delete") return Change(Erase{*key});
    if (*op == "set") return set(record, *key, where);
    if (*op == "upsert") return upsert(record, where);
    return unknown_op(where, *op, "upsert, delete or set");
  }

 private:
  bool are_known() const { return !known_.names.empty(); }

  static std::optional<std::string> member(const Record& record, const std::string& name) {
    for (const auto& [found, value] : record) {
      if (found == name) return value.value_or("");
    }
    return std::nullopt;
  }

  Result<Change> set(const Record& record, const std::string& key, const std::string& where) const {
    SetCells change{.key = key, .cells = {}};
    for (const auto& [name, value] : record) {
      if (name == kOp || name == key_) continue;
      if (are_known() && position_of(columns_, name) == columns_.size())
        return unknown_name(where, "member", name, known_);
      change.cells.push_back({.column = name, .value = value.value_or("")});
    }
    return Change(std::move(change));
  }

  Result<Change> upsert(const Record& record, const std::string& where) const {
    Row row(columns_.size());
    std::vector<bool> given(columns_.size());
    for (const auto& [name, value] : record) {
      if (name == kOp) continue;
      const std::size_t position = position_of(columns_, name);
      if (position == columns_.size()) {
        return are_known() ? unknown_name(where, "member", name, known_)
                           : input_error(where, "member " + shown_name(name) +
                                                    " is not in the first upsert, which has " +
                                                    plain_list(columns_));
      }
      row[position] = value.value_or("");
      given[position] = true;
    }
    const auto missing = std::find(given.begin(), given.end(), false);
    if (!known_.fill_empty && missing != given.end())
      return missing_name(where, columns_[static_cast<std::size_t>(missing - given.begin())],
                          are_known() ? kOfTheSource : kOfTheFirst);
    return Change(Upsert{std::move(row)});
  }

  std::string key_;
  std::vector<std::string> columns_;
  const KnownColumns& known_;
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
  std::string doubt;  // as in ChangesFile
};

Result<Records> read_records(const std::string& path, const TextFormat& format) {
  Result<NdjsonReader> reader = NdjsonReader::open(path, format.encoding);
  if (!reader) return reader.error();
  Records records;
  Record record;
  Result<bool> more = false;
  while ((more = reader->next(record)) && *more) {
    records.all.push_back(record);
    records.lines.push_back(reader->line());
  }
  if (!more) return more.error();
  records.doubt = reader->doubt();
  return records;
}

// The first upsert's, with the key in front.
std::vector<std::string> columns_of(const Records& records, const std::string& key) {
  const auto upsert = std::find_if(records.all.begin(), records.all.end(), is_upsert);
  std::vector<std::string> columns =
      names_without_op(upsert == records.all.end() ? records.all.front() : *upsert);
  const auto key_position = std::find(columns.begin(), columns.end(), key);
  if (key_position != columns.end()) std::rotate(columns.begin(), key_position, key_position + 1);
  return columns;
}

Result<ChangesFile> from_ndjson(const std::string& path, const std::optional<std::string>& key,
                                const TextFormat& format, const KnownColumns& known) {
  Result<Records> records = read_records(path, format);
  if (!records) return records.error();
  if (records->all.empty()) return ChangesFile{.name = path};
  const std::vector<std::string> first = names_without_op(records->all.front());
  if (first.empty()) return input_error(at_line(path, records->lines.front()), "there is no key");
  const std::string key_name = key.value_or(first.front());
  const std::vector<std::string> columns =
      known.names.empty() ? columns_of(*records, key_name) : known.names;
  const RecordReader read(key_name, columns, known);
  ChangesFile file{.name = path, .lines = records->lines, .doubt = records->doubt};
  if (!key) file.guessed_key = key_name;
  if (known.names.empty() && std::any_of(records->all.begin(), records->all.end(), is_upsert)) {
    if (Result<void> usable = check_names(path, columns, known); !usable) return usable.error();
    file.columns = columns;
  }
  for (std::size_t i = 0; i < records->all.size(); ++i) {
    Result<Change> change = read.read(records->all[i], at_line(path, records->lines[i]));
    if (!change) return change.error();
    file.changes.push_back(std::move(*change));
  }
  return file;
}

}  // namespace

Result<ChangesFile> read_changes(const std::string& path, const std::optional<std::string>& key,
                                 const TextFormat& format, const KnownColumns& known) {
  const Result<std::optional<std::string>> name = key_name(path, key, known);
  if (!name) return name.error();
  Result<bool> ndjson = is_ndjson(path, format);
  if (!ndjson) return ndjson.error();
  return *ndjson ? from_ndjson(path, *name, format, known) : from_csv(path, *name, format, known);
}

}  // namespace weir::cli
