// Browser: a page in headless Chromium, driven through the DevTools protocol over two pipes: as a
// person has it, with a width, a keyboard, a colour scheme, and JavaScript or none. A command that
// fails throws. For one thread.
//
//   Browser browser;
//   browser.open("http://127.0.0.1:9464/");
//   browser.value("document.title")  // "Weir"
#pragma once

#include <sys/types.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "support/temporary_folder.h"

namespace weir::testing {

class Browser {
 public:
  Browser();
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  // For the pages that are opened from now on.
  void set_width(int pixels);
  void set_dark(bool is_dark);
  void set_scripts(bool are_run);

  // Until the page is loaded.
  void open(const std::string& url);

  // What an expression is, or what its promise comes to.
  nlohmann::json value(const std::string& expression);

  // Waits until the expression is true, looking each time that the page changes.
  void wait_until(const std::string& expression);

  // The document after the browser has made sense of it.
  std::string document() { return value("document.documentElement.outerHTML"); }

  // By how many pixels the page is wider than its window.
  int overflow() {
    return value("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  }

  // Presses and releases a key, such as "Tab"; of Enter, until the page that follows is loaded.
  void press_tab();
  void follow_focused_link();

  // The addresses that the page has asked for since it was opened.
  const std::vector<std::string>& requests() const { return requests_; }

 private:
  nlohmann::json command(const std::string& method, nlohmann::json parameters = {});
  nlohmann::json next_message();
  void note(const nlohmann::json& event);
  void press(const std::string& key, int code, const std::string& text);
  void await_load();

  const TemporaryFolder folder_;
  pid_t process_ = 0;
  int to_browser_ = -1;
  int from_browser_ = -1;
  std::string received_;
  std::string session_;
  int last_id_ = 0;
  bool is_loaded_ = false;
  std::vector<std::string> requests_;
};

}  // namespace weir::testing
