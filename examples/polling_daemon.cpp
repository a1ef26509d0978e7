// polling_daemon: appends the new entries of forms to a file, one JSON object a line, each at least
// once, as often as the budget allows, and goes on where it stopped, also after a kill -9. With
// RECEIVER_PORT it also takes the deliveries of the platform's form connector, and polling becomes
// a safety net. To deploy it: docs/polling.md.
//
//   polling-daemon [FILE]      settings: environment, or lines NAME=value of FILE
//
// WEIR_URL  WEIR_COMPANY_ID  WEIR_INTEGRATION_KEY  WEIR_TIME_ZONE  WEIR_STORE  WEIR_CALLS_PER_DAY
// FORMS (ids, comma-separated)  OUTPUT  RECEIVER_PORT (of 127.0.0.1; POST /FORM)
#include <fcntl.h>
#include <httplib.h>
#include <unistd.h>
#include <weir/client.h>
#include <weir/form_connector_receiver.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>

namespace {

constexpr std::size_t kMostBodyBytes = 8 * 1024 * 1024;

constexpr const char* kHelp = R"(polling-daemon [FILE]: appends the new entries of forms to a file

Settings come from the environment, or from lines NAME=value of FILE:
  WEIR_URL, WEIR_COMPANY_ID, WEIR_INTEGRATION_KEY, WEIR_TIME_ZONE
  WEIR_STORE          default polling-daemon.db
  WEIR_CALLS_PER_DAY  default 2500
  FORMS               ids of the forms, separated by commas
  OUTPUT              default entries.ndjson
  RECEIVER_PORT       takes deliveries of the form connector on this port of 127.0.0.1; 0 picks one
)";

// Empty: the file cannot be read.
std::optional<std::map<std::string, std::string>> read_file(const std::string& path) {
  std::map<std::string, std::string> values;
  std::ifstream file(path);
  if (!file) return std::nullopt;
  for (std::string line; std::getline(file, line);) {
    const std::size_t sign = line.find('=');
    if (line.ends_with('\r')) line.pop_back();
    if (sign != std::string::npos && line[0] != '#')
      values[line.substr(0, sign)] = line.substr(sign + 1);
  }
  return values;
}

// The environment wins.
struct Settings {
  std::map<std::string, std::string> file;
  std::string get(const std::string& name, const std::string& otherwise = "") const {
    if (const char* value = std::getenv(name.c_str())) return value;
    const auto found = file.find(name);
    return found == file.end() ? otherwise : found->second;
  }
};

// A line is on the disk when append() returns: only then may the entry count as handled.
class Output {
 public:
  explicit Output(const std::string& path)
      : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}
  bool is_open() const { return file_ >= 0; }

  weir::Result<void> append(const std::string& line) const {
    const std::string whole = line + '\n';
    const ssize_t written = ::write(file_, whole.data(), whole.size());
    if (written != static_cast<ssize_t>(whole.size()) || ::fdatasync(file_) != 0)
      return weir::Error{.message = std::string("cannot write: ") + std::strerror(errno)};
    return {};
  }

 private:
  int file_;
};

weir::Result<weir::Client> open_client(const Settings& settings) {
  return weir::Client::open(
      {.url = settings.get("WEIR_URL"),
       .company_id = std::atoll(settings.get("WEIR_COMPANY_ID").c_str()),
       .integration_key = weir::Secret::from_string(settings.get("WEIR_INTEGRATION_KEY"),
                                                    "the setting WEIR_INTEGRATION_KEY"),
       .time_zone = settings.get("WEIR_TIME_ZONE"),
       .store = settings.get("WEIR_STORE", "polling-daemon.db"),
       .calls_per_day = std::atoll(settings.get("WEIR_CALLS_PER_DAY", "2500").c_str()),
       .log = weir::stderr_log(weir::LogLevel::kInfo)});
}

int fail(const std::string& message) {
  std::cerr << "polling-daemon: " << message << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string argument = argc > 1 ? argv[1] : "";
  if (argument == "--help" || argument == "-h") {
    std::cout << kHelp;
    return 0;
  }
  // Blocked before any thread starts, so that only sigwait() below gets them.
  sigset_t end_signals;
  sigemptyset(&end_signals);
  sigaddset(&end_signals, SIGINT);
  sigaddset(&end_signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &end_signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const auto file = argument.empty() ? std::map<std::string, std::string>{} : read_file(argument);
  if (!file) return fail("cannot read " + argument);
  const Settings settings{*file};
  const Output output(settings.get("OUTPUT", "entries.ndjson"));
  if (!output.is_open()) return fail("cannot open " + settings.get("OUTPUT", "entries.ndjson"));
  auto client = open_client(settings);
  if (!client) return fail(client.error().message);

  std::vector<weir::Poll> polls;
  std::map<std::string, weir::FormConnectorReceiver> receivers;
  std::istringstream forms(settings.get("FORMS"));
  for (std::string form; std::getline(forms, form, ',');) {
    weir::FormEntries entries = client->form_entries(form);
    auto poll =
        entries.poll([&output](const weir::FormEntry& entry) { return output.append(entry.json); });
    if (!poll) return fail(poll.error().message);
    polls.push_back(std::move(*poll));
    receivers.emplace(form, entries);
  }
  if (polls.empty()) return fail("set FORMS to the ids of the forms");

  httplib::Server server;
  server.set_payload_max_length(kMostBodyBytes);
  server.Post("/(.+)", [&](const httplib::Request& request, httplib::Response& response) {
    const auto receiver = receivers.find(request.matches[1]);
    const weir::ConnectorAnswer answer = receiver == receivers.end()
                                             ? weir::ConnectorAnswer{.status = 404}
                                             : receiver->second.handle({.body = request.body});
    response.status = answer.status;
    response.set_content(answer.body, "application/json");
  });
  const int port = std::atoi(settings.get("RECEIVER_PORT", "-1").c_str());
  const int bound = port == 0  ? server.bind_to_any_port("127.0.0.1")
                    : port > 0 ? (server.bind_to_port("127.0.0.1", port) ? port : -1)
                               : 0;
  if (bound < 0) return fail("cannot listen on port " + std::to_string(port));
  std::thread serving;
  if (bound > 0) serving = std::thread([&server] { server.listen_after_bind(); });
  std::cerr << "polling " << polls.size() << " form(s)";
  if (bound > 0) std::cerr << ", receiving on http://127.0.0.1:" << bound;
  std::cerr << std::endl;

  int signal = 0;
  sigwait(&end_signals, &signal);
  std::cerr << "stopping after the entry under way" << std::endl;
  client->request_stop();
  if (serving.joinable()) {
    while (!server.is_running()) std::this_thread::yield();
    server.stop();
    serving.join();
  }
  polls.clear();
}
