// Why something waits, or a call was made, as `weir why` and a daemon tell it. Plain values and
// pure functions, but for why_text().
#pragma once

#include <weir/clock.h>
#include <weir/result.h>
#include <weir/usage.h>
#include <weir/why.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::daemon {

// Of whom it is told, and when.
struct WhyAbout {
  std::string org = {};   // empty: the only one
  std::string name = {};  // of the data source or poll
  std::string time_zone = {};
  TimePoint now = {};
};

struct SourceWhy {
  WhyAbout about = {};
  WaitReason reason = {};
  std::string held = {};        // why a table is held; empty: none is
  std::string failure = {};     // why it cannot be read
  std::string what_to_do = {};  // about the two
  bool has_daemon = true;       // else nobody is known who would send what waits
};

struct PollWhy {
  WhyAbout about = {};
  PollPace pace = {};
  std::string failure = {};  // of its last look or handler
};

// The newest calls of an organization, newest first.
struct CallsWhy {
  WhyAbout about = {};
  std::vector<CallRecord> calls = {};
};

// Of rows that wait for the next day, when that begins: by the platform's clock, as usage tells it.
void tell_reset(SourceWhy& why, const Result<Usage>& usage);

// One line without its end; the text of why_text() is not in it.
std::string as_json(const SourceWhy& why);
std::string as_json(const PollWhy& why);
std::string as_json(const CallsWhy& why);

// What such JSON says to a person, in the time zone of the organization. Sets the program's TZ, so
// for one thread at a time. kBadResponse: it is no such JSON, or one of a later schema.
Result<std::string> why_text(const std::string& text);

// Why a call was made, of the reason in the usage log: "its rows were worth the price of a call".
std::string call_reason_words(std::string_view reason);

}  // namespace weir::daemon
