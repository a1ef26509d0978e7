#include "browser/browser.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace weir::testing {
namespace {

using nlohmann::json;

// Chromium reads commands from this descriptor and writes to the next one; each message ends with a
// zero byte.
constexpr int kReadsFrom = 3;
constexpr int kWritesTo = 4;

// A pipe whose ends lie beyond those that a child gets, and are not inherited.
std::array<int, 2> high_pipe() {
  std::array<int, 2> ends = {};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  for (int& end : ends) {
    const int high = ::fcntl(end, F_DUPFD_CLOEXEC, kWritesTo + 1);
    ::close(std::exchange(end, high));
  }
  return ends;
}

pid_t spawn(const std::vector<std::string>& command, const std::string& home, int in, int out) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const std::string home_variable = "HOME=" + home;
  std::string path_variable = "PATH=/usr/bin:/bin";
  std::array<char*, 3> variables = {const_cast<char*>(home_variable.c_str()), path_variable.data(),
                                    nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, kReadsFrom);
  posix_spawn_file_actions_adddup2(&actions, out, kWritesTo);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, command.front().c_str(), &actions, &attributes,
                                   arguments.data(), variables.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot run chromium: is the package installed?");
  return child;
}

}  // namespace

Browser::Browser() {
  const std::array<int, 2> commands = high_pipe();
  const std::array<int, 2> answers = high_pipe();
  process_ =
      spawn({"/usr/bin/chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-pipe",
             "--user-data-dir=" + folder_.file("profile"), "about:blank"},
            folder_.path().string(), commands[0], answers[1]);
  ::close(commands[0]);
  ::close(answers[1]);
  to_browser_ = commands[1];
  from_browser_ = answers[0];
  const json target = command("Target.createTarget", {{"url", "about:blank"}});
  session_ =
      command("Target.attachToTarget", {{"targetId", target.at("targetId")}, {"flatten", true}})
          .at("sessionId");
  for (const std::string domain : {"Page", "Runtime", "Network"}) command(domain + ".enable");
  command("Emulation.setFocusEmulationEnabled", {{"enabled", true}});
  set_width(1280);
}

Browser::~Browser() {
  ::close(to_browser_);
  ::close(from_browser_);
  ::kill(-process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

void Browser::set_width(int pixels) {
  command("Emulation.setDeviceMetricsOverride",
          {{"width", pixels}, {"height", 900}, {"deviceScaleFactor", 1}, {"mobile", false}});
}

void Browser::set_dark(bool is_dark) {
  const json feature = {{"name", "prefers-color-scheme"}, {"value", is_dark ? "dark" : "light"}};
  command("Emulation.setEmulatedMedia", {{"features", json::array({feature})}});
}

void Browser::set_scripts(bool are_run) {
  command("Emulation.setScriptExecutionDisabled", {{"value", !are_run}});
}

void Browser::open(const std::string& url) {
  requests_.clear();
  is_loaded_ = false;
  const json answer = command("Page.navigate", {{"url", url}});
  if (answer.contains("errorText"))
    throw std::runtime_error(url + ": " + answer.at("errorText").get<std::string>());
  await_load();
}

void Browser::await_load() {
  while (!is_loaded_) note(next_message());
}

json Browser::value(const std::string& expression) {
  const json answer =
      command("Runtime.evaluate",
              {{"expression", expression}, {"awaitPromise", true}, {"returnByValue", true}});
  if (answer.contains("exceptionDetails"))
    throw std::runtime_error(answer.at("exceptionDetails").dump());
  return answer.at("result").value("value", json());
}

void Browser::wait_until(const std::string& expression) {
  value(
      "new Promise((done) => { const look = () => { if (!(" + expression +
      ")) return false; done(true); return true; }; if (look()) return; const observer = new "
      "MutationObserver(() => { if (look()) observer.disconnect(); }); observer.observe(document, "
      "{subtree: true, childList: true, characterData: true, attributes: true}); })");
}

void Browser::press(const std::string& key, int code, const std::string& text) {
  json event = {{"type", text.empty() ? "rawKeyDown" : "keyDown"},
                {"key", key},
                {"code", key},
                {"windowsVirtualKeyCode", code}};
  if (!text.empty()) event["text"] = text;
  command("Input.dispatchKeyEvent", event);
  event["type"] = "keyUp";
  event.erase("text");
  command("Input.dispatchKeyEvent", event);
}

void Browser::press_tab() { press("Tab", 9, ""); }

void Browser::follow_focused_link() {
  is_loaded_ = false;
  press("Enter", 13, "\r");
  await_load();
}

json Browser::command(const std::string& method, json parameters) {
  json message = {{"id", ++last_id_}, {"method", method}};
  if (!parameters.is_null()) message["params"] = std::move(parameters);
  if (!session_.empty()) message["sessionId"] = session_;
  const std::string text = message.dump() + '\0';
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t count = ::write(to_browser_, text.data() + sent, text.size() - sent);
    if (count <= 0) throw std::runtime_error("chromium has ended");
    sent += static_cast<std::size_t>(count);
  }
  while (true) {
    const json answer = next_message();
    if (answer.value("id", 0) != last_id_) {
      note(answer);
    } else if (answer.contains("error")) {
      throw std::runtime_error(method + ": " + answer.at("error").dump());
    } else {
      return answer.at("result");
    }
  }
}

json Browser::next_message() {
  while (true) {
    const std::size_t end = received_.find('\0');
    if (end != std::string::npos) {
      json message = json::parse(received_.substr(0, end));
      received_.erase(0, end + 1);
      return message;
    }
    std::array<char, 65536> bytes = {};
    const ssize_t count = ::read(from_browser_, bytes.data(), bytes.size());
    if (count <= 0) throw std::runtime_error("chromium has ended: is the package installed?");
    received_.append(bytes.data(), static_cast<std::size_t>(count));
  }
}

void Browser::note(const json& event) {
  const std::string method = event.value("method", "");
  if (method == "Page.loadEventFired") is_loaded_ = true;
  if (method == "Network.requestWillBeSent")
    requests_.push_back(event.at("params").at("request").at("url"));
}

}  // namespace weir::testing
