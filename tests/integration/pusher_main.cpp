// A process that hands over changes and sends them until it is killed: what the kill tests start
// many of.
//
// usage: killed_pusher STORE URL SLOT LIFE JOURNAL
// SLOT names its keys, so that no two processes change the same; LIFE is how often the slot was
// started before. Before each change it writes a line "? KEY VALUE" to the journal, and when the
// change is kept "! KEY VALUE"; an empty value is a delete. Values sort in the order of their
// changes.
#include <fcntl.h>
#include <unistd.h>
#include <weir/client.h>

#include <cstdio>
#include <string>

namespace {

using namespace weir;
using namespace std::chrono_literals;

std::string padded(int number, int digits) {
  std::string text = std::to_string(number);
  return std::string(static_cast<std::size_t>(digits) - text.size(), '0') + text;
}

bool note(int journal, char mark, const std::string& key, const std::string& value) {
  const std::string line = std::string(1, mark) + " " + key + " " + value + "\n";
  return ::write(journal, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

bool hand_over(Client& client, int journal, const std::string& key, const std::string& value) {
  const Change change = value.front() == '-' ? Change(Erase{key}) : Change(Upsert{{key, value}});
  if (!note(journal, '?', key, value)) return false;
  if (!client.data_source("S").apply({change})) return false;
  return note(journal, '!', key, value);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  Result<Client> client = Client::open({.url = argv[2],
                                        .company_id = 1,
                                        .integration_key = Secret::from_string("k", "the test"),
                                        .time_zone = "UTC",
                                        .store = argv[1],
                                        .calls_per_day = 1'000'000,
                                        .send_in_background = false,
                                        .call_timeout = 5s,
                                        .wait = 2s,
                                        .lease_rest = 20ms});
  if (!client) {
    std::fprintf(stderr, "%s\n", client.error().message.c_str());
    return 1;
  }
  const int journal = ::open(argv[5], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const int life = std::stoi(argv[4]);
  for (int i = 0; i < 1000; ++i) {
    const int number = life + i;
    const std::string key = std::string(argv[3]) + "-" + std::to_string(number % 5);
    const std::string value = padded(life, 6) + "." + padded(i, 4);
    if (!hand_over(*client, journal, key, (number % 4 == 3 ? "-" : "+") + value)) return 1;
    if (i % 2 == 1) static_cast<void>(client->drain(0ms));
  }
  return 0;
}
