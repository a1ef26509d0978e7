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

// SIGINT and SIGTERM, blocked before any thread starts, so that only await() gets them.
class EndSignals {
 public:
  EndSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  void await() const {
    int signal = 0;
    sigwait(&signals_, &signal);
  }

 private:
  sigset_t signals_ = {};
};

// The forms that are polled, and what takes the deliveries for them.
struct Forms {
  std::vector<weir::Poll> polls;
  std::map<std::string, weir::FormConnectorReceiver> receivers;
};

weir::Result<Forms> poll_forms(weir::Client& client, const std::string& ids, const Output& output) {
  Forms forms;
  std::istringstream list(ids);
  for (std::string form; std::getline(list, form, ',');) {
    weir::FormEntries entries = client.form_entries(form);
    auto poll =
        entries.poll([&output](const weir::FormEntry& entry) { return output.append(entry.json); });
    if (!poll) return poll.error();
    forms.polls.push_back(std::move(*poll));
    forms.receivers.emplace(form, entries);
  }
  return forms;
}

// Takes deliveries on a port of this machine, until it ends.
class Receiver {
 public:
  using Receivers = std::map<std::string, weir::FormConnectorReceiver>;

  explicit Receiver(Receivers& receivers) {
    server_.set_payload_max_length(kMostBodyBytes);
    server_.Post(
        "/(.+)", [&receivers](const httplib::Request& request, httplib::Response& response) {
          const auto receiver = receivers.find(request.matches[1]);
          const weir::ConnectorAnswer answer =
              receiver == receivers.end() ? weir::ConnectorAnswer{.status = 404}
                                          : receiver->second.handle({.body = request.body});
          response.status = answer.status;
          response.set_content(answer.body, "application/json");
        });
  }
  ~Receiver() {
    if (!serving_.joinable()) return;
    while (!server_.is_running()) std::this_thread::yield();
    server_.stop();
    serving_.join();
  }

  // Returns the port, which 0 leaves to the system; -1: it is taken.
  int listen(int port) {
    const int bound = port == 0                           ? server_.bind_to_any_port(kHost)
                      : server_.bind_to_port(kHost, port) ? port
                                                          : -1;
    if (bound > 0) serving_ = std::thread([this] { server_.listen_after_bind(); });
    return bound;
  }

 private:
  static constexpr const char* kHost = "127.0.0.1";

  httplib::Server server_;
  std::thread serving_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string argument = argc > 1 ? argv[1] : "";
  if (argument == "--help" || argument == "-h") {
    std::cout << kHelp;
    return 0;
  }
  const EndSignals end_signals;
  std::signal(SIGPIPE, SIG_IGN);

  const auto file = argument.empty() ? std::map<std::string, std::string>{} : read_file(argument);
  if (!file) return fail("cannot read " + argument);
  const Settings settings{*file};
  const Output output(settings.get("OUTPUT", "entries.ndjson"));
  if (!output.is_open()) return fail("cannot open " + settings.get("OUTPUT", "entries.ndjson"));
  auto client = open_client(settings);
  if (!client) return fail(client.error().message);

  auto forms = poll_forms(*client, settings.get("FORMS"), output);
  if (!forms) return fail(forms.error().message);
  if (forms->polls.empty()) return fail("set FORMS to the ids of the forms");

  Receiver receiver(forms->receivers);
  const std::string port = settings.get("RECEIVER_PORT");
  const int bound = port.empty() ? 0 : receiver.listen(std::atoi(port.c_str()));
  if (bound < 0) return fail("cannot listen on port " + port);
  std::cerr << "polling " << forms->polls.size() << " form(s)";
  if (bound > 0) std::cerr << ", receiving on http://127.0.0.1:" << bound;
  std::cerr << std::endl;

  end_signals.await();
  std::cerr << "stopping after the entry under way" << std::endl;
  client->request_stop();
}
