#include "input/setting_words.h"

#include <array>
#include <string_view>
#include <utility>

namespace weir::cli {
namespace {

struct Word {
  std::string_view flag;
  std::string_view setting;
};

// Longer ones before those that they begin with.
constexpr std::array kWords = {
    Word{"give --delimiter ", "set delimiter to "},
    Word{", or --delimiter ", ", or to "},
    Word{", and give - for the file to read its output", ""},
    Word{"; if the column is gone, give --replace", ""},
    Word{"read it with --sql sqlite3:///PATH and --query",
         "read it with database = \"sqlite3:///PATH\" and query"},
    Word{"give --encoding ", "set encoding to "},
    Word{"--encoding latin1 or windows-1252 reads", "encoding = \"windows-1252\" reads"},
    Word{"leave --encoding out", "leave encoding out"},
    Word{"--columns 'NAME=", "in columns, 'NAME="},
    Word{"with --columns", "in columns"},
    Word{"--columns", "columns"},
    Word{"leave --key out", "leave key out"},
    Word{"--key names", "key names"},
    Word{"; --fill-empty leaves its cell empty", "; every upsert has all columns"},
    Word{". If the table has no rows any more, push takes --allow-empty", ""},
    Word{"--query-timeout, query_timeout_seconds of a [[source]], or timeout of a [source.ID]",
         "timeout of the [source.ID], or query_timeout_seconds of the [[source]]"},
};

class InSettings final : public RowSource {
 public:
  explicit InSettings(std::unique_ptr<RowSource> source) : source_(std::move(source)) {}

  Result<std::vector<std::string>> columns() override { return told(source_->columns()); }
  Result<void> read(const RowQuery& query, const RowSink& sink) override {
    return told(source_->read(query, sink));
  }
  bool may_be_cut_off() const override { return source_->may_be_cut_off(); }
  Result<bool> read_raw(const RawSink& sink) override { return told(source_->read_raw(sink)); }
  Result<std::optional<std::string>> version() override { return told(source_->version()); }

 private:
  template <class T>
  static Result<T> told(Result<T> result) {
    if (result) return result;
    return with_settings(result.error());
  }

  const std::unique_ptr<RowSource> source_;
};

}  // namespace

std::string with_settings(std::string message) {
  for (const auto& [flag, setting] : kWords) {
    for (std::size_t at = message.find(flag); at != std::string::npos;
         at = message.find(flag, at + setting.size()))
      message.replace(at, flag.size(), setting);
  }
  return message;
}

Error with_settings(Error error) {
  error.message = with_settings(std::move(error.message));
  return error;
}

std::unique_ptr<RowSource> in_words_of(const RowSourceOptions& options,
                                       std::unique_ptr<RowSource> source) {
  if (!options.advises_settings) return source;
  return std::make_unique<InSettings>(std::move(source));
}

}  // namespace weir::cli
