// What publishing costs, each figure against a named baseline in the same run. Rounds alternate, so
// that a machine that slows down slows both.
#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "api/data_source_api.h"
#include "input/row_sources.h"
#include "outbox/outbox.h"
#include "outbox/planner.h"
#include "storm_day.h"
#include "support/put_content.h"
#include "support/temporary_folder.h"
#include "support/temporary_store.h"

namespace {

using namespace weir;
using outbox::Outbox;

constexpr int kRounds = 11;
constexpr int kRows = 50'000;
constexpr std::int64_t kAll = 1'000'000'000;
const TimePoint kNow{std::chrono::hours{1}};
const std::vector<std::string> kColumns = {"id",        "city",  "status",  "cause",
                                           "customers", "place", "started", "restoration"};

double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

struct Work {
  const char* name;
  std::function<void()> run;
  std::vector<double> times = {};
};

// Runs all in turn; the first is the baseline. Returns how many times its time each takes.
void compare(const char* title, std::vector<Work> works, bool more_is_better = false) {
  for (int round = 0; round < kRounds; ++round) {
    for (Work& work : works) work.times.push_back(seconds(work.run));
  }
  const double base = median(works.front().times);
  std::printf("%s\n", title);
  for (Work& work : works) {
    const double time = median(work.times);
    std::printf("  %-46s %9.2f ms  %6.2f\n", work.name, 1000 * time,
                more_is_better ? base / time : time / base);
  }
}

Row row_of(int number) {
  const std::string key = std::to_string(2'340'000 + number);
  return {key,
          "City " + std::to_string(number % 700),
          "Crew on its way",
          number % 3 == 0 ? "STORM" : "EQUIPMENT",
          std::to_string(number % 97),
          "38.24827 -120.35449",
          "2024-02-04T17:39:01Z",
          "2024-02-05T23:00:00Z"};
}

void append(std::string& csv, const Row& row) {
  for (std::size_t i = 0; i < row.size(); ++i) csv += (i == 0 ? "" : ",") + row[i];
  csv += '\n';
}

std::string csv_of(int rows, bool is_reversed, int changed = 0) {
  std::string csv;
  append(csv, kColumns);
  for (int i = 0; i < rows; ++i) {
    Row row = row_of(is_reversed ? rows - 1 - i : i);
    if (i < changed) row[2] = "changed";
    append(csv, row);
  }
  return csv;
}

template <class T>
T checked(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}

void check(const Result<void>& done) {
  if (done) return;
  std::fprintf(stderr, "%s\n", done.error().message.c_str());
  std::exit(1);
}

std::int64_t send_all(Outbox& outbox, const std::string& source) {
  std::int64_t calls = 0;
  while (auto batch = checked(outbox.next_batch(source, kAll))) {
    check(outbox.acknowledge(*batch));
    ++calls;
  }
  return calls;
}

void bench_unchanged() {
  const testing::TemporaryFolder folder;
  const std::string path = folder.write("rows.csv", csv_of(kRows, false));
  const std::string other_path = folder.write("reversed.csv", csv_of(kRows, true));
  const std::string bytes = csv_of(kRows, false);
  const testing::TemporaryStore file;
  store::Store store = file.open();
  Outbox outbox(*store.database, {});
  const std::string changed_path = folder.write("changed.csv", csv_of(kRows, true, 1));
  const auto rows = cli::csv_source(path);
  const auto others = cli::csv_source(other_path);
  const auto changed = cli::csv_source(changed_path);
  const auto publish = [&](RowSource& source) {
    if (checked(outbox.publish("S", source, {}, kNow)).unchanged != kRows) std::exit(1);
  };
  checked(outbox.publish("S", *rows, {}, kNow));
  send_all(outbox, "S");
  publish(*rows);
  publish(*others);
  std::printf("%d rows, %zu bytes\n", kRows, bytes.size());
  [[maybe_unused]] static volatile std::uint64_t sink = 0;
  const auto parse = [&] {
    std::size_t cells = 0;
    check(rows->read({}, [&](const Row& row) -> Result<void> {
      cells += row.size();
      return {};
    }));
    sink = cells;
  };
  const auto hash = [&] { sink = XXH3_128bits(bytes.data(), bytes.size()).low64; };
  const auto plain_read = [&] {
    std::string content(bytes.size(), '\0');
    std::FILE* raw = std::fopen(path.c_str(), "rb");
    const std::size_t got = std::fread(content.data(), 1, content.size(), raw);
    std::fclose(raw);
    sink = XXH3_128bits(content.data(), got).low64;
  };
  compare("An unchanged snapshot, times XXH3 of its bytes in memory",
          {{"XXH3 of the bytes in memory", hash},
           {"reading the file and XXH3 of it", plain_read},
           {"publish: known by its bytes", [&] { publish(*rows); }}});
  int turn = 0;
  const auto publish_changed = [&] {
    if (checked(outbox.publish("S", *changed, {.dry_run = true}, kNow)).upserted != 1) std::exit(1);
  };
  compare("A snapshot in another order, times parsing the CSV alone",
          {{"parsing the CSV alone", parse},
           {"publish: unchanged", [&] { publish(++turn % 2 == 0 ? *others : *rows); }},
           {"publish: one row has changed", publish_changed}});
}

void bench_encoder() {
  const api::Credentials credentials{.company_id = 1,
                                     .integration_key = Secret::from_string("k", "a benchmark")};
  testing::PutContent rows{.external_id = "S", .rows = std::vector<Row>()};
  for (int i = 0; i < 10'000; ++i) rows.rows->push_back(row_of(i));
  const api::PutDataSource content = rows.view();
  const std::string body = checked(api::put_request(credentials, content)).body;
  std::string copy(body.size(), '\0');
  [[maybe_unused]] static volatile std::size_t sink = 0;
  const auto by_nlohmann = [&] {
    nlohmann::json json = {{"CompanyId", 1}, {"IntegrationKey", "k"}, {"ExternalId", "S"}};
    json["Rows"] = *rows.rows;
    sink = json.dump().size();
  };
  std::printf("10,000 rows as JSON, %zu bytes\n", body.size());
  compare(
      "Encoding, how many times faster than nlohmann",
      {{"nlohmann: build and dump", by_nlohmann},
       {"put_request", [&] { sink = checked(api::put_request(credentials, content)).body.size(); }},
       {"memcpy of the same bytes",
        [&] {
          std::memcpy(copy.data(), body.data(), body.size());
          sink = static_cast<std::size_t>(copy[copy.size() / 2]);
        }}},
      true);
}

// Both in transactions of 1,000 with the same durability, into the same table.
void bench_enqueue() {
  constexpr int kBatch = 1000;
  std::vector<double> ours;
  std::vector<double> theirs;
  for (int round = 0; round < 5; ++round) {
    const testing::TemporaryStore file;
    store::Store store = file.open();
    Outbox outbox(*store.database, {});
    ours.push_back(seconds([&] {
      for (int at = 0; at < kRows; at += kBatch) {
        std::vector<Change> changes;
        for (int i = at; i < at + kBatch; ++i) changes.push_back(Upsert{row_of(i)});
        checked(outbox.apply("S", changes, kNow));
      }
    }));
    const testing::TemporaryStore other_file;
    { const store::Store makes_the_tables = other_file.open(); }
    SQLite::Database bare(other_file.path(), SQLite::OPEN_READWRITE);
    bare.exec("PRAGMA journal_mode = TRUNCATE");
    bare.exec("PRAGMA synchronous = FULL");
    theirs.push_back(seconds([&] {
      SQLite::Statement insert(bare,
                               "INSERT INTO outbox (source, row_key, order_number, kind, cells, "
                               "stale_since_ms) VALUES (?, ?, ?, 0, ?, 3600000)");
      for (int at = 0; at < kRows; at += kBatch) {
        SQLite::Transaction transaction(bare, SQLite::TransactionBehavior::IMMEDIATE);
        for (int i = at; i < at + kBatch; ++i) {
          const Row row = row_of(i);
          std::string cells;
          for (const std::string& cell : row) cells += "00000000" + cell;
          insert.bind(1, "S");
          insert.bind(2, row.front());
          insert.bind(3, i + 1);
          insert.bind(4, cells.data(), static_cast<int>(cells.size()));
          insert.exec();
          insert.reset();
        }
        transaction.commit();
      }
    }));
  }
  const double a = kRows / median(ours);
  const double b = kRows / median(theirs);
  std::printf("Durable enqueue: %.0f changes/s, bare SQLite %.0f/s: ratio %.2f\n", a, b, a / b);
}

class ManyRows final : public RowSource {
 public:
  ManyRows(int count, int changed) : count_(count), changed_(changed) {}
  Result<std::vector<std::string>> columns() override { return kColumns; }
  Result<void> read(const RowQuery&, const RowSink& sink) override {
    for (int i = 0; i < count_; ++i) {
      Row row = row_of(i);
      if (i < changed_) row[2] = "changed";
      if (Result<void> taken = sink(row); !taken) return taken;
    }
    return {};
  }

 private:
  const int count_;
  const int changed_;
};

// In MB, of this process.
double memory(const char* line) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == line && status >> kilobytes) return kilobytes / 1000;
  }
  return 0;
}

// In a process of its own, since a peak never falls.
void in_own_process(const std::function<void()>& work) {
  std::fflush(stdout);
  if (::fork() == 0) {
    work();
    std::fflush(stdout);
    ::_exit(0);
  }
  int status = 0;
  ::wait(&status);
}

void bench_memory() {
  constexpr int kMany = 1'000'000;
  const CallLimits limits{.rows_per_data_source = kMany};
  const SizeLimits sizes{.outbox_bytes = kAll};
  in_own_process([&] {
    const testing::TemporaryStore file;
    store::Store store = file.open();
    Outbox outbox(*store.database, limits, {}, sizes);
    const double idle = memory("VmRSS:");
    ManyRows rows(kMany, 0);
    const double took = seconds([&] { checked(outbox.publish("S", rows, {}, kNow)); });
    std::printf("First publish of 1,000,000 rows: %.0f MB over idle, %.1f s\n",
                memory("VmHWM:") - idle, took);
  });
  in_own_process([&] {
    const testing::TemporaryStore file;
    store::Store store = file.open();
    Outbox outbox(*store.database, limits, {}, sizes);
    outbox::PlatformRows known(*outbox.hash().value());
    for (int i = 0; i < kMany; ++i) check(known.add(row_of(i)));
    check(outbox.adopt("S", kColumns, known));
    const double idle = memory("VmRSS:");
    ManyRows rows(kMany, 10'000);
    const double took = seconds([&] { checked(outbox.publish("S", rows, {}, kNow)); });
    std::printf("Publish of 1,000,000 rows, 10,000 of them changed: %.0f MB over idle, %.1f s\n",
                memory("VmHWM:") - idle, took);
  });
}

// A recorded day of 11,372 changes of rows in many data sources, handed over as snapshots.
void bench_day(const std::string& folder) {
  const demo::StormDay day = demo::load_storm_day(folder);
  for (const int minutes : {1, 15, 60}) {
    const testing::TemporaryStore file;
    store::Store store = file.open();
    Outbox outbox(*store.database, {});
    demo::Tables tables = day.initial;
    const auto rows_of = [&](const std::string& source) {
      std::vector<Row> rows;
      for (const auto& [key, row] : tables[source]) rows.push_back(row);
      return rows;
    };
    const auto publish = [&](const std::string& source) {
      checked(outbox.publish(source, rows_of(source), {.allow_empty = true}, kNow));
      return send_all(outbox, source);
    };
    for (const auto& [source, rows] : day.initial) publish(source);
    demo::Tables before = tables;
    std::int64_t calls = 0;
    std::int64_t least = 0;
    const auto hand_over = [&] {
      for (const auto& [source, rows] : tables) {
        outbox::ChangeCounts counts;
        for (const auto& [key, row] : rows) {
          const auto found = before[source].find(key);
          if (found == before[source].end() || found->second != row) ++counts.upserts;
        }
        for (const auto& [key, row] : before[source]) counts.deletes += rows.contains(key) ? 0 : 1;
        least += outbox::plan_calls(counts, {}).calls;
        calls += publish(source);
      }
      before = tables;
    };
    TimePoint next = day.changes.front().time;
    for (const demo::TimedChange& change : day.changes) {
      if (change.time >= next) {
        hand_over();
        next = change.time + std::chrono::minutes(minutes);
      }
      demo::apply_to(tables, change);
    }
    hand_over();
    std::printf("A day of %zu changes, a snapshot every %d min: %lld calls, the least %lld\n",
                day.changes.size(), minutes, static_cast<long long>(calls),
                static_cast<long long>(least));
  }
}

}  // namespace

// All of them, or those that are named.
int main(int count, char** arguments) {
  const std::vector<std::string> named(arguments + 1, arguments + count);
  const auto is_wanted = [&](const std::string& name) {
    return named.empty() || std::find(named.begin(), named.end(), name) != named.end();
  };
  if (is_wanted("unchanged")) bench_unchanged();
  if (is_wanted("encoder")) bench_encoder();
  if (is_wanted("enqueue")) bench_enqueue();
  if (is_wanted("memory")) bench_memory();
  if (is_wanted("day")) bench_day(WEIR_STORM_DAY);
}
