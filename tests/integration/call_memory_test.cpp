// The memory that a push of 50,000 rows takes at its peak, whatever its cells are.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <weir/client.h>

#include <algorithm>
#include <cstdio>
#include <functional>

#include "support/temporary_folder.h"

namespace weir {
namespace {

constexpr std::int64_t kRows = 50'000;
constexpr std::int64_t kMostMegabytes = 100;

struct Shape {
  const char* name;
  std::size_t columns;
  std::size_t cell_bytes;
  std::int64_t rows = kRows;
  char character = 'x';
};

std::string name_of(const ::testing::TestParamInfo<Shape>& info) { return info.param.name; }

// Rows that are made as they are read.
class MadeRows final : public RowSource {
 public:
  explicit MadeRows(const Shape& shape) : shape_(shape) {}

  Result<std::vector<std::string>> columns() override {
    std::vector<std::string> names = {"id"};
    for (std::size_t i = 1; i < shape_.columns; ++i) names.push_back("c" + std::to_string(i));
    return names;
  }
  Result<void> read(const RowQuery&, const RowSink& sink) override {
    for (std::int64_t i = 0; i < shape_.rows; ++i) {
      Row row(shape_.columns, std::string(shape_.cell_bytes, shape_.character));
      row.front() = std::to_string(i);
      if (Result<void> taken = sink(row); !taken) return taken;
    }
    return {};
  }

 private:
  const Shape shape_;
};

// A platform that accepts all and keeps nothing.
class Accepting final : public Transport {
 public:
  Result<HttpResponse> send(const HttpRequest& request) override {
    ++calls;
    rows += request.rows;
    largest = std::max(largest, request.body.size());
    return HttpResponse{.status = 200, .headers = {}, .body = "{}"};
  }

  int calls = 0;
  std::int64_t rows = 0;
  std::size_t largest = 0;
};

class CallMemoryTest : public ::testing::TestWithParam<Shape> {
 protected:
  // In a process of its own, since a peak never falls: in KiB, less what it begins with.
  static long peak_of(const std::function<bool()>& work) {
    int pipe[2] = {};
    if (::pipe(pipe) != 0) return -1;
    const pid_t child = ::fork();
    if (child == 0) {
      rusage before = {};
      ::getrusage(RUSAGE_SELF, &before);
      const bool done = work();
      rusage after = {};
      ::getrusage(RUSAGE_SELF, &after);
      const long peak = after.ru_maxrss - before.ru_maxrss;
      const bool told = ::write(pipe[1], &peak, sizeof peak) == sizeof peak;
      ::_exit(done && told ? 0 : 1);
    }
    ::close(pipe[1]);
    long peak = -1;
    const bool heard = ::read(pipe[0], &peak, sizeof peak) == sizeof peak;
    ::close(pipe[0]);
    int status = -1;
    ::waitpid(child, &status, 0);
    return heard && status == 0 ? peak : -1;
  }

  static bool push(const Shape& shape) {
    const testing::TemporaryFolder folder;
    const auto wire = std::make_shared<Accepting>();
    auto client = Client::open({.url = "https://platform.example",
                                .company_id = 12345,
                                .integration_key = Secret::from_string("k", "the test"),
                                .time_zone = "UTC",
                                .store = folder.file("weir.db"),
                                .sizes = {.outbox_bytes = std::int64_t{1} << 40},
                                .send_in_background = false,
                                .transport = wire});
    if (!client) return false;
    MadeRows rows(shape);
    if (const auto published = client->data_source("S").publish(rows, {}); !published) {
      std::printf("%s\n", published.error().message.c_str());
      return false;
    }
    const auto sent = client->drain(std::chrono::hours{1});
    std::printf("%s: %lld rows in %d calls, the largest of %zu bytes\n", shape.name,
                static_cast<long long>(wire->rows), wire->calls, wire->largest);
    std::fflush(stdout);
    return sent && wire->rows == shape.rows;
  }
};

TEST_P(CallMemoryTest, IsBounded) {
  const long peak = peak_of([] { return push(GetParam()); });
  std::printf("%s: %ld MB over idle\n", GetParam().name, peak / 1024);
  EXPECT_GT(peak, 0) << "it did not work";
  EXPECT_LE(peak / 1024, kMostMegabytes);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, CallMemoryTest,
    ::testing::Values(
        Shape{.name = "OneCellOfAKilobyte", .columns = 2, .cell_bytes = 1'000},
        Shape{.name = "ManyShortCells", .columns = 40, .cell_bytes = 6, .rows = 12'000},
        Shape{.name = "ManyCellsOfSomeLength", .columns = 40, .cell_bytes = 24, .rows = 12'000},
        Shape{.name = "FewHugeCells", .columns = 2, .cell_bytes = 1'000'000, .rows = 80},
        Shape{.name = "ControlCharacters",
              .columns = 2,
              .cell_bytes = 4'000,
              .rows = 2'500,
              .character = '\x01'}),
    name_of);

}  // namespace
}  // namespace weir
