#include "fuzz/targets.h"

#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>

#include "api/answer_headers.h"
#include "api/answer_table.h"
#include "api/data_source_api.h"
#include "fuzz/http_targets.h"
#include "input/changes_file.h"
#include "input/row_sources.h"
#include "rows/cells_codec.h"
#include "rows/row_check.h"
#include "settings.h"
#include "support/put_content.h"

namespace weir::fuzz {
namespace {

// A file in memory, by a path.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& bytes) : file_(::memfd_create("input", 0)) {
    std::size_t at = 0;
    while (at < bytes.size()) {
      const ssize_t written = ::write(file_, bytes.data() + at, bytes.size() - at);
      if (written <= 0) throw std::runtime_error("no memory for a file");
      at += static_cast<std::size_t>(written);
    }
  }
  ~MemoryFile() { ::close(file_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

// A row that is handed on has as many cells as there are columns.
void read_all(RowSource& source) {
  const Result<std::vector<std::string>> columns = source.columns();
  const Result<void> read = source.read({}, [&](const Row& row) -> Result<void> {
    if (!columns || row.size() != columns->size()) throw std::logic_error("a crooked row");
    return {};
  });
  static_cast<void>(read);
}

void read_csv(const std::string& bytes) {
  const MemoryFile file(bytes);
  read_all(*cli::csv_source(file.path()));
}

void read_ndjson(const std::string& bytes) {
  const MemoryFile file(bytes);
  read_all(*cli::ndjson_source(file.path()));
}

void read_page(const std::string& bytes) {
  const Result<api::Page> page = api::parse_page({.status = 200, .headers = {}, .body = bytes});
  if (!page) return;
  for (const Row& row : page->rows) {
    if (row.size() != page->columns.size()) throw std::logic_error("a crooked row");
  }
}

void read_answer(const std::string& bytes) {
  for (const int status : {200, 400, 429, 500}) {
    const HttpResponse response{.status = status,
                                .headers = {{"retry-after", bytes.substr(0, 40)},
                                            {"date", bytes.substr(0, 60)},
                                            {"last-modified", bytes.substr(0, 60)}},
                                .body = bytes};
    const pipeline::Answer answer = api::classify(response);
    static_cast<void>(api::error_of(answer, status, "a call"));
    static_cast<void>(api::last_modified(response));
  }
}

void read_settings(const std::string& bytes) {
  const MemoryFile file(bytes);
  cli::SettingFlags flags;
  flags.config = file.path();
  static_cast<void>(cli::load_settings(flags));
}

void read_cells(const std::string& bytes) {
  const Result<std::vector<std::string>> cells = outbox::decode_cells(bytes);
  // Those of an earlier version have no checksum.
  if (cells && !outbox::encode_cells(*cells).starts_with(bytes))
    throw std::logic_error("cells that are not those that were written");
}

// What the outbox takes for text, the encoder can send.
void check_text(const std::string& bytes) {
  const bool is_text = !outbox::first_invalid_byte(bytes);
  const bool is_sent =
      api::put_request({},
                       testing::PutContent{.external_id = "S", .new_rows = {{"1", bytes}}}.view())
          .has_value();
  if (is_text && !is_sent) throw std::logic_error("text that cannot be sent");
}

}  // namespace

std::vector<Target> targets() {
  std::vector<Target> all = {
      {"csv",
       {"id,city\n1,\"a \"\"b\"\"\nc\"\r\n2,\n", "\xEF\xBB\xBFid,city\n\"1\",Gr\xC3\xBC\xC3\x9F"},
       read_csv},
      {"ndjson",
       {"{\"id\":\"1\",\"n\":null}\n{\"id\":2,\"n\":[1]}\n", "{\"id\":\"\\u00e9\"}"},
       read_ndjson},
      {"page",
       {R"({"DataSource":{"Headers":[{"Name":"id"},{"Name":"c"}],"Rows":[["1",null],["2","x"]],"TotalRows":2,"LastUpdated":"2026"}})"},
       read_page},
      {"answer",
       {R"({"ResponseStatus":{"ErrorCode":"Predicate","Message":"No Rows Found","Errors":[]}})",
        "120", "Sun, 06 Nov 1994 08:49:37 GMT"},
       read_answer},
      {"settings",
       {"url = \"http://127.0.0.1:1\"\ncompany_id = 7\nlimit_words = [\"a\"]\n[source.S]\nweight = "
        "5\ndeadline = \"15m\"\n"},
       read_settings},
      {"cells", {outbox::encode_cells({"1", "", "text"})}, read_cells},
      {"text",
       {"plain text of more than eight bytes", "\xF0\x9F\x9A\x92 \xE2\x82\xAC"},
       check_text},
  };
  for (Target& target : http_targets()) all.push_back(std::move(target));
  return all;
}

}  // namespace weir::fuzz
