// Every fault of a network or a platform, met by every kind of operation in every state of the
// outbox: what it costs is counted, what it leaves behind is put right by the next try, and the
// error says what to do.
#include <gtest/gtest.h>
#include <weir/client.h>
#include <weir/testing/manual_clock.h>
#include <zlib.h>

#include <array>
#include <set>

#include "mock_server/mock_server.h"
#include "support/faulty_platform.h"
#include "support/temporary_folder.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::AfterAnswer;
using testing::PlatformFault;
using testing::Reach;

constexpr std::int64_t kMostAnswerBytes = 1 << 20;

std::string answer(const std::string& status, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string json(const std::string& status, const std::string& body,
                 const std::string& headers = "") {
  return answer(status, "Content-Type: application/json\r\n" + headers, body);
}

std::string failed(const std::string& status, const std::string& code,
                   const std::string& headers = "") {
  return json(status, R"({"ResponseStatus":{"ErrorCode":")" + code + R"("}})", headers);
}

// Four MiB of spaces in a few KiB.
std::string gzip_bomb() {
  const std::string plain(4UL << 20U, ' ');
  std::string packed(::compressBound(plain.size()) + 64, '\0');
  z_stream stream = {};
  ::deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ::deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  return answer("200 OK", "Content-Encoding: gzip\r\n", packed);
}

std::vector<PlatformFault> faults() {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
  std::vector<PlatformFault> all = {
      {.name = "NoSuchHost", .reach = Reach::kNoSuchHost},
      {.name = "NobodyListens", .reach = Reach::kNobodyListens},
      {.name = "NoConnection", .reach = Reach::kNoConnection},
      {.name = "NoTls", .reach = Reach::kNoTls},
      {.name = "ResetBeforeItIsDone", .answer = {.after = AfterAnswer::kReset}},
      {.name = "Server500", .answer = {failed("500 Error", "Exception")}},
      {.name = "Server503", .answer = {answer("503 Busy", "", "<html>busy</html>")}},
      {.name = "Throttled", .answer = {failed("429 Slow", "Slow")}},
      {.name = "ThrottledForSeconds",
       .answer = {failed("429 Slow", "Slow", "Retry-After: 90\r\n")}},
      {.name = "ThrottledUntilADate",
       .answer = {failed("429 Slow", "Slow",
                         "Date: Mon, 05 Feb 2024 20:00:00 GMT\r\n"
                         "Retry-After: Mon, 05 Feb 2024 20:02:00 GMT\r\n")}},
      {.name = "ThrottledForNonsense",
       .answer = {failed("429 Slow", "Slow", "Retry-After: 99999999999999999999\r\n")}},
      {.name = "KeyRefused", .answer = {failed("401 No", "Unauthorized")}},
      {.name = "Conflict409", .answer = {failed("409 Conflict", "CacheLockException")}},
      {.name = "Refused412",
       .answer = {failed("412 No", "PreconditionFailed")},
       .refuses_the_content = true},
      {.name = "SuccessThatNamesAnError",
       .answer = {failed("200 OK", "ArgumentException")},
       .refuses_the_content = true},
      {.name = "WebPage",
       .answer = {answer("200 OK", "Content-Type: text/html\r\n",
                         "<!DOCTYPE html><title>Sign in to the guest network</title>")}},
  };
  // What happens to the answer after the platform has done what it was asked.
  const std::vector<PlatformFault> lost = {
      {.name = "ResetAfterItIsDone", .answer = {.after = AfterAnswer::kReset}},
      {.name = "ClosedBeforeTheAnswer", .answer = {.after = AfterAnswer::kClose}},
      {.name = "ResetInTheHead", .answer = {"HTTP/1.1 200 OK\r\nConte", AfterAnswer::kReset}},
      {.name = "ResetInTheBody",
       .answer = {head + "Content-Length: 9\r\n\r\n{\"Da", AfterAnswer::kReset}},
      {.name = "BodyTooShort", .answer = {head + "Content-Length: 9\r\n\r\n{}"}},
      {.name = "ChunksWithoutEnd",
       .answer = {head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"}},
      {.name = "StalledBody",
       .answer = {head + "Content-Length: 9\r\n\r\n{\"Da", AfterAnswer::kStall}},
      {.name = "AByteNowAndThen",
       .answer = {head + "Content-Length: 99999\r\n\r\n", AfterAnswer::kDrip}},
      {.name = "OversizedBody", .answer = {json("200 OK", std::string(kMostAnswerBytes + 1, ' '))}},
      {.name = "GzipBomb", .answer = {gzip_bomb()}},
  };
  for (PlatformFault fault : lost) {
    fault.reach = Reach::kApplied;
    all.push_back(std::move(fault));
  }
  // Bodies that are not what the platform sends; what is JSON at all, only a reader looks into.
  const std::vector<PlatformFault> odd = {
      {.name = "InvalidJson", .answer = {json("200 OK", "{\"DataSource\":{")}},
      {.name = "DeepJson", .answer = {json("200 OK", std::string(200'000, '['))}},
      {.name = "DuplicateKeys",
       .answer = {json("200 OK",
                       R"({"DataSource":1,"DataSource":{},"TotalRows":1,"TotalRows":2})")}},
  };
  for (PlatformFault fault : odd) {
    fault.reach = Reach::kApplied;
    all.push_back(std::move(fault));
  }
  return all;
}

// What a caller may be told of a fault; empty: nothing is wrong.
struct Told {
  std::set<ErrorCode> writes;
  std::set<ErrorCode> reads;
};

Told told_of(const PlatformFault& fault) {
  using enum ErrorCode;
  const std::string& name = fault.name;
  const auto is_any = [&](std::initializer_list<const char*> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (is_any({"NoConnection", "StalledBody", "AByteNowAndThen"})) return {{kTimeout}, {kTimeout}};
  if (name.starts_with("Throttled")) return {{kThrottled}, {kThrottled}};
  if (name == "KeyRefused") return {{kUnauthenticated}, {kUnauthenticated}};
  if (name == "Conflict409") return {{kLocked}, {kLocked}};
  // A single row that is refused is set aside, and sending has succeeded; of several, half are
  // tried next, for which there is no time here.
  if (fault.refuses_the_content) return {{kTimeout}, {kRefused}};
  if (is_any({"WebPage", "OversizedBody", "GzipBomb", "InvalidJson", "DeepJson"}))
    return {{kBadResponse}, {kBadResponse}};
  if (name == "DuplicateKeys") return {{}, {kBadResponse}};
  return {{kUnavailable}, {kUnavailable}};
}

enum class Outbox { kEmpty, kWaiting, kInDoubt };
enum class Operation { kInsert, kDelete, kPublish, kReadRows, kDescribe, kPoll };

constexpr std::array kOutboxes = {Outbox::kEmpty, Outbox::kWaiting, Outbox::kInDoubt};
constexpr std::array kWrites = {Operation::kInsert, Operation::kDelete, Operation::kPublish};
constexpr std::array kReads = {Operation::kReadRows, Operation::kDescribe, Operation::kPoll};

using Rows = std::set<Row>;

// One cell: a store and a platform of its own, so that cells do not know each other.
class Cell {
 public:
  Cell(const PlatformFault& fault, Outbox outbox) : fault_(fault) {
    server_ = mock::MockServer::start({.company_id = 12345,
                                       .integration_key = "CANARY-key",
                                       .time_zone = "America/Los_Angeles",
                                       .data_sources = {{"S", {"id", "label"}}}});
    server_->clock().set_rate(0);
    server_->clock().set(clock_->now());
    server_->receive({{.id = "e", .form = "F", .received = clock_->now(), .answers = "{}"}});
    open(server_->url());
    EXPECT_TRUE(rows().publish({{"1", "a"}, {"2", "b"}, {"3", "c"}}));
    EXPECT_TRUE(client_->drain(30s));
    expected_ = {{"1", "a"}, {"2", "b"}, {"3", "c"}};
    if (outbox == Outbox::kEmpty) return;
    for (const char* key : {"5", "6", "7"}) expect_upsert({key, "waits"});
    if (outbox == Outbox::kWaiting) return;
    server_->faults().add({.kind = mock::FaultKind::kResetAfter});
    EXPECT_FALSE(client_->drain(0s));
    clock_->advance(1min);  // past the rest after that failure
  }

  // Carries the operation out while the fault is there.
  Result<void> meet_the_fault(Operation operation) {
    // What is written is in the outbox before anybody is asked.
    if (operation == Operation::kInsert) expect_upsert({"9", "new"});
    if (operation == Operation::kDelete) {
      EXPECT_TRUE(rows().erase("2"));
      expected_.erase({"2", "b"});
    }
    if (operation == Operation::kPublish) {
      EXPECT_TRUE(rows().publish({{"1", "a"}, {"2", "changed"}, {"8", "new"}}));
      expected_ = {{"1", "a"}, {"2", "changed"}, {"8", "new"}};
    }
    const std::int64_t spent = client_->usage()->calls_today;
    testing::FaultyPlatform faulty(fault_, port_of(server_->url()));
    const bool takes_forever = fault_.reach == Reach::kNoConnection ||
                               fault_.answer.after == AfterAnswer::kStall ||
                               fault_.answer.after == AfterAnswer::kDrip;
    open(faulty.url(), takes_forever ? 100ms : 30s);
    const Result<void> result = carry_out(operation);
    charged_ = client_->usage()->calls_today - spent;
    requests_ = faulty.requests();
    log_ = client_->usage()->log;
    return result;
  }

  // The fault is over: whatever was left behind is put right, and all is as if there had been none.
  void recover() {
    open(server_->url());
    pass(25h);  // past any rest, and to the next org day
    const Result<SendReport> sent = client_->drain(1h);
    EXPECT_TRUE(sent) << sent.error().message;
    const OutboxContents left = client_->outbox().value();
    EXPECT_TRUE(left.waiting.empty());
    const std::vector<Row> found = server_->rows("S").value();
    Rows platform(found.begin(), found.end());
    for (const DeadLetter& letter : left.dead_letters) {
      const auto is_refused = [&](const Row& row) { return row[0] == letter.key; };
      std::erase_if(platform, is_refused);
      std::erase_if(expected_, is_refused);
    }
    EXPECT_EQ(platform, expected_);
    EXPECT_TRUE(left.dead_letters.empty() || fault_.refuses_the_content);
    std::vector<std::string> entries;
    const auto poll = client_->form_entries("F").poll(collect(entries));
    EXPECT_TRUE(client_->poll_due());
    EXPECT_EQ(entries,
              handled_.empty() ? std::vector<std::string>{"e"} : std::vector<std::string>{});
  }

  std::int64_t charged() const { return charged_; }
  std::int64_t requests() const { return requests_; }
  const std::vector<CallRecord>& log() const { return log_; }
  const std::string& log_lines() const { return log_lines_; }

 private:
  static int port_of(const std::string& url) { return std::stoi(url.substr(url.rfind(':') + 1)); }

  DataSource rows() { return client_->data_source("S"); }

  void open(const std::string& url, Milliseconds timeout = 30s) {
    client_.reset();
    Result<Client> client =
        Client::open({.url = url,
                      .company_id = 12345,
                      .integration_key = Secret::from_string("CANARY-key", "the test"),
                      .time_zone = "America/Los_Angeles",
                      .store = folder_.file("weir.db"),
                      .price_row_seconds = 600,
                      .send_in_background = false,
                      .call_timeout = timeout,
                      .connect_timeout = timeout,
                      .lease_rest = 1ms,
                      .max_answer_bytes = kMostAnswerBytes,
                      .log =
                          [this](LogLevel level, std::string_view line) {
                            if (level >= LogLevel::kWarning) log_lines_.append(line).append("\n");
                          },
                      .clock = clock_});
    ASSERT_TRUE(client) << client.error().message;
    client_.emplace(std::move(*client));
  }

  void expect_upsert(const Row& row) {
    EXPECT_TRUE(rows().upsert(row));
    expected_.insert(row);
  }

  EntryHandler collect(std::vector<std::string>& entries) {
    return [&entries](const FormEntry& entry) -> Result<void> {
      entries.push_back(entry.id);
      return {};
    };
  }

  Result<void> carry_out(Operation operation) {
    switch (operation) {
      case Operation::kReadRows: {
        const auto read = rows().read_rows([](const RowsPage&) -> Result<void> { return {}; });
        return read ? Result<void>() : read.error();
      }
      case Operation::kDescribe: {
        const auto described = rows().describe();
        return described ? Result<void>() : described.error();
      }
      case Operation::kPoll: {
        const auto poll = client_->form_entries("F").poll(collect(handled_));
        EXPECT_TRUE(client_->poll_due());
        // A look that fails is told to the log alone.
        return {};
      }
      default: {
        const auto sent = client_->drain(0s);
        return sent ? Result<void>() : sent.error();
      }
    }
  }

  void pass(Milliseconds time) {
    clock_->advance(time);
    server_->clock().advance(time);
  }

  const PlatformFault& fault_;
  testing::TemporaryFolder folder_;
  std::shared_ptr<testing::ManualClock> clock_ =
      std::make_shared<testing::ManualClock>(TimePoint{Milliseconds{1707163200000}});
  std::unique_ptr<mock::MockServer> server_;
  std::string log_lines_;
  std::optional<Client> client_;
  Rows expected_;
  std::vector<std::string> handled_;
  std::int64_t charged_ = 0;
  std::int64_t requests_ = 0;
  std::vector<CallRecord> log_;
};

class FaultMatrix : public ::testing::TestWithParam<PlatformFault> {
 protected:
  void run(Operation operation, Outbox outbox, const std::set<ErrorCode>& told) {
    SCOPED_TRACE("operation " + std::to_string(static_cast<int>(operation)) + ", outbox " +
                 std::to_string(static_cast<int>(outbox)));
    Cell cell(GetParam(), outbox);
    const Result<void> result = cell.meet_the_fault(operation);
    if (operation == Operation::kPoll) {
      EXPECT_NE(cell.log_lines(), "");
    } else {
      if (result) {
        EXPECT_TRUE(told.empty() || GetParam().refuses_the_content);
      } else {
        EXPECT_TRUE(told.contains(result.error().code)) << result.error().message;
        EXPECT_EQ(result.error().message.find("CANARY"), std::string::npos);
      }
    }
    // A call is charged exactly when a request left, whatever became of it.
    EXPECT_EQ(cell.charged(), cell.requests());
    EXPECT_EQ(cell.requests() > 0, GetParam().leaves_this_host());
    const auto spent = std::count_if(cell.log().begin(), cell.log().end(),
                                     [](const CallRecord& call) { return call.charged; });
    EXPECT_GE(spent, cell.requests());
    cell.recover();
    EXPECT_EQ(cell.log_lines().find("CANARY"), std::string::npos);
  }
};

TEST_P(FaultMatrix, LosesNothingOfAWrite) {
  for (const Operation operation : kWrites)
    for (const Outbox outbox : kOutboxes) run(operation, outbox, told_of(GetParam()).writes);
}

TEST_P(FaultMatrix, LeavesAReadForTheNextTry) {
  for (const Operation operation : kReads)
    for (const Outbox outbox : kOutboxes) run(operation, outbox, told_of(GetParam()).reads);
}

INSTANTIATE_TEST_SUITE_P(, FaultMatrix, ::testing::ValuesIn(faults()),
                         [](const auto& of) { return of.param.name; });

}  // namespace
}  // namespace weir
