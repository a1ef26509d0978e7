// event_loop: one thread, one poll(2), no thread of Weir's. For programs that have an event loop
// already. Takes rows from standard input, a line each, cells separated by tabs, and sends them to
// the data source of its argument as calls become worth it. When the input ends, what still waits
// is sent at once.
//
//   printf '1\tDinuba\n' | weir-event-loop OUTAGES
//
// WEIR_URL  WEIR_COMPANY_ID  WEIR_INTEGRATION_KEY  WEIR_TIME_ZONE  WEIR_STORE
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <weir/client.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>

namespace {

std::string setting(const char* name, const char* otherwise = "") {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

// Readable once Weir has said that something is due sooner than it had said before.
class Alarm {
 public:
  void ring() const { static_cast<void>(::eventfd_write(event_, 1)); }
  void quiet() const {
    eventfd_t rung = 0;
    static_cast<void>(::eventfd_read(event_, &rung));
  }
  int descriptor() const { return event_; }

 private:
  int event_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
};

// How long poll(2) may wait. Half a minute at most, for other programs may hand over rows too.
int longest_wait(const std::optional<weir::TimePoint>& due) {
  constexpr std::chrono::milliseconds kLongest = std::chrono::seconds{30};
  if (!due) return static_cast<int>(kLongest.count());
  const auto left = *due - weir::system_clock()->now();
  return static_cast<int>(std::clamp(left, std::chrono::milliseconds{0}, kLongest).count());
}

// The whole lines of what was read, as rows; the rest stays.
weir::Result<void> hand_over(weir::DataSource& source, std::string& text) {
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
    std::istringstream line(text.substr(0, end));
    text.erase(0, end + 1);
    weir::Row row;
    for (std::string cell; std::getline(line, cell, '\t');) row.push_back(cell);
    if (auto kept = source.upsert(row); !kept) return kept;
  }
  return {};
}

int fail(const weir::Error& error) {
  std::cerr << "weir-event-loop: " << error.message << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const Alarm alarm;
  auto client =
      weir::Client::open({.url = setting("WEIR_URL"),
                          .company_id = std::atoll(setting("WEIR_COMPANY_ID").c_str()),
                          .integration_key = weir::Secret::from_env("WEIR_INTEGRATION_KEY"),
                          .time_zone = setting("WEIR_TIME_ZONE"),
                          .store = setting("WEIR_STORE", "event-loop.db"),
                          .send_in_background = false,
                          .on_due = [&alarm](weir::TimePoint) { alarm.ring(); }});
  if (!client) return fail(client.error());
  weir::DataSource source = client->data_source(argc > 1 ? argv[1] : "OUTAGES");

  std::array<pollfd, 2> watched = {
      pollfd{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
      pollfd{.fd = alarm.descriptor(), .events = POLLIN, .revents = 0}};
  std::string text;
  while (watched[0].fd >= 0) {
    ::poll(watched.data(), watched.size(), longest_wait(client->next_due()));
    alarm.quiet();
    if (watched[0].revents != 0) {
      std::array<char, 4096> bytes = {};
      const ssize_t got = ::read(STDIN_FILENO, bytes.data(), bytes.size());
      if (got <= 0) watched[0].fd = -1;  // poll(2) passes it over from now on
      if (got > 0) text.append(bytes.data(), static_cast<std::size_t>(got));
      if (auto kept = hand_over(source, text); !kept) return fail(kept.error());
    }
    if (auto next = client->run_due(); !next) return fail(next.error());
  }
  auto sent = client->drain(std::chrono::seconds{30});
  return sent ? 0 : fail(sent.error());
}
