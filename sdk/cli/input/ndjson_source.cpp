#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "input/input_error.h"
#include "input/ndjson_reader.h"
#include "input/row_layout.h"
#include "input/row_sources.h"
#include "input/setting_words.h"
#include "input/whole_file.h"

namespace weir::cli {
namespace {

// Which members the records had, of those that are chosen and of the others. A name that was
// mistyped would be an empty column: no record has it.
class MembersSeen {
 public:
  explicit MembersSeen(std::size_t chosen) : is_seen_(chosen) {}

  void see(std::size_t chosen) { is_seen_[chosen] = true; }
  void see_other(const std::string& name) {
    if (others_.size() < kMostListed) others_.insert(name);
  }

  // After the last record. `are_known`: the names are those that the data source has.
  Result<void> check(const std::string& where, const std::vector<std::string>& names,
                     bool are_known) const {
    const auto missing = std::find(is_seen_.begin(), is_seen_.end(), false);
    if (missing == is_seen_.end()) return {};
    std::vector<std::string> members;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (is_seen_[i]) members.push_back(names[i]);
    }
    members.insert(members.end(), others_.begin(), others_.end());
    const std::string& name = names[static_cast<std::size_t>(missing - is_seen_.begin())];
    return input_error(where, "there is no column " + shown_name(name) +
                                  " in any record; the members are " + shown_list(members) +
                                  (are_known ? "; if the column is gone, give --replace" : ""));
  }

 private:
  static constexpr std::size_t kMostListed = 100;

  std::vector<bool> is_seen_;
  std::set<std::string> others_;
};

Result<void> read_cells(const Record& record, const std::vector<std::string>& names,
                        const std::string& where, bool others_are_passed_over, MembersSeen& seen,
                        Row& cells) {
  cells.assign(names.size(), "");
  for (const auto& [name, value] : record) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      seen.see_other(name);
      if (others_are_passed_over) continue;
      return input_error(where, "member " + shown_name(name) +
                                    " is not in the first record; name all columns with --columns");
    }
    const auto position = static_cast<std::size_t>(found - names.begin());
    seen.see(position);
    cells[position] = value.value_or("");
  }
  return {};
}

class NdjsonSource final : public RowSource {
 public:
  NdjsonSource(std::string path, RowSourceOptions options)
      : path_(std::move(path)), options_(std::move(options)) {}

  Result<std::vector<std::string>> columns() override {
    Result<Opened> file = open();
    if (!file) return file.error();
    std::vector<std::string> columns = columns_of(*file);
    told_.tell(columns);
    return columns;
  }

  Result<void> read(const RowQuery& query, const RowSink& sink) override {
    Result<Opened> file = open();
    if (!file) return file.error();
    if (Result<void> same = told_.check(shown_, columns_of(*file)); !same) return same;
    Row cells;
    Row row;
    Result<bool> more = file->has_record;
    std::size_t rows = 0;
    MembersSeen seen(file->names.size());
    for (; more && *more; more = file->reader.next(file->record)) {
      ++rows;
      const std::string where = at_line(shown_, file->reader.line());
      if (Result<void> read =
              read_cells(file->record, file->names, where, !options_.columns.empty(), seen, cells);
          !read)
        return read;
      if (!file->layout->fits(cells, query)) continue;
      if (Result<void> taken = sink(file->layout->arrange(cells, row)); !taken)
        return at_row(taken.error(), where);
    }
    if (!more) return more.error();
    if (Result<void> all =
            rows == 0 ? Result<void>() : seen.check(shown_, file->names, options_.columns.empty());
        !all)
      return all;
    whole_.tell(options_.tell, file->reader.doubt());
    may_be_cut_off_ = !file->reader.ends_with_line_break();
    return whole_.check(at_line(shown_, file->reader.line()), rows,
                        file->reader.ends_with_line_break());
  }

  bool may_be_cut_off() const override { return may_be_cut_off_; }

  Result<bool> read_raw(const RawSink& sink) override {
    return read_raw_file(path_, options_, sink);
  }

  Result<std::optional<std::string>> version() override {
    Result<std::string> version = file_version(path_);
    if (!version) return version.error();
    return std::optional(std::move(*version));
  }

 private:
  struct Opened {
    NdjsonReader reader;
    Record record;  // the first
    bool has_record;
    std::vector<std::string> names;
    std::optional<RowLayout> layout;  // none: there is nothing in the file
  };

  static std::vector<std::string> columns_of(const Opened& file) {
    return file.layout ? file.layout->columns() : std::vector<std::string>();
  }

  Result<Opened> open() const {
    if (Result<void> usable = whole_.check_kind(path_); !usable) return usable.error();
    Result<NdjsonReader> reader = NdjsonReader::open(path_, options_.format.encoding);
    if (!reader) return reader.error();
    Record first;
    Result<bool> more = reader->next(first);
    if (!more) return more.error();
    std::vector<std::string> names = chosen_names();
    if (names.empty() && !*more && options_.allow_empty)
      return Opened{std::move(*reader), {}, false, {}, std::nullopt};
    if (names.empty() && !*more) return empty_file(shown_, "the file has no records");
    if (names.empty() && options_.may_change_columns)
      if (Result<void> same = check_key(first); !same) return same.error();
    if (names.empty()) names = names_of(first);
    Result<RowLayout> layout = RowLayout::make(at_line(shown_, reader->line()), names, options_);
    if (!layout) return layout.error();
    return Opened{std::move(*reader), std::move(first), *more, std::move(names),
                  std::move(*layout)};
  }

  // The members of the first record. JSON has no order, so the columns that are known keep theirs,
  // and others come behind them.
  std::vector<std::string> names_of(const Record& first) const {
    std::vector<std::string> names =
        options_.known_columns ? options_.known_columns() : std::vector<std::string>();
    const auto has = [](const auto& list, const std::string& name) {
      return std::find(list.begin(), list.end(), name) != list.end();
    };
    std::vector<std::string> members;
    for (const auto& [name, value] : first) members.push_back(name);
    if (options_.may_change_columns)
      std::erase_if(names, [&](const std::string& name) { return !has(members, name); });
    for (const std::string& member : members)
      if (!has(names, member)) names.push_back(member);
    return names;
  }

  // Another key is never guessed: the rows would be others.
  Result<void> check_key(const Record& first) const {
    const std::vector<std::string> known =
        options_.known_columns ? options_.known_columns() : std::vector<std::string>();
    const bool is_there =
        known.empty() || std::any_of(first.begin(), first.end(), [&](const auto& member) {
          return member.first == known.front();
        });
    if (is_there || options_.key) return {};
    return input_error(shown_, "there is no member " + shown_name(known.front()) +
                                   ", which has been the key; say with --key which member is the "
                                   "key now");
  }

  // The members that the options name; JSON has no order, and need not have all of them.
  std::vector<std::string> chosen_names() const {
    std::vector<std::string> names;
    const auto add = [&](const std::string& name) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    };
    for (const SourceColumn& column : options_.columns) add(column.from);
    if (!names.empty() && options_.user_column) add(*options_.user_column);
    return names;
  }

  const std::string path_;
  const std::string shown_ = shown_input(path_);
  const RowSourceOptions options_;
  ToldColumns told_;
  bool may_be_cut_off_ = false;
  WholeFile whole_{options_.is_read_again};
};

}  // namespace

std::unique_ptr<RowSource> ndjson_source(std::string path, const RowSourceOptions& options) {
  return in_words_of(options, std::make_unique<NdjsonSource>(std::move(path), options));
}

}  // namespace weir::cli
