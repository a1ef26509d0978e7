#include "store/postgres_opening.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <string_view>

#include "os/wait_for.h"
#include "text/ascii.h"

namespace weir::store {
namespace {

// As long as libpq's own connect_timeout in the URL, for each step.
constexpr Milliseconds kLongestStep{3000};

template <class... Words>
bool is_one_of(std::string_view value, Words... words) {
  return ((value == words) || ...);
}

bool is_number(std::string_view value, int least, int most) {
  int number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  return error == std::errc{} && end == value.data() + value.size() && number >= least &&
         number <= most;
}

// Each of several, separated by commas; an empty one is the default.
bool are_ports(std::string_view value) {
  while (!value.empty()) {
    const std::size_t end = std::min(value.find(','), value.size());
    const std::string_view port = value.substr(0, end);
    if (!port.empty() && !is_number(port, 1, 65535)) return false;
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return true;
}

// libpq looks at these only when it connects.
std::optional<std::string> objection_to(std::string_view name, std::string_view value) {
  if (name == "port" && !are_ports(value)) return "its port is not a number from 1 to 65535";
  if (name == "sslmode" &&
      !is_one_of(value, "disable", "allow", "prefer", "require", "verify-ca", "verify-full"))
    return "its sslmode is none of disable, allow, prefer, require, verify-ca, verify-full";
  if (name == "target_session_attrs" &&
      !is_one_of(value, "any", "read-write", "read-only", "primary", "standby", "prefer-standby"))
    return "its target_session_attrs is none that PostgreSQL knows";
  if (name == "gssencmode" && !is_one_of(value, "disable", "prefer", "require"))
    return "its gssencmode is none of disable, prefer, require";
  if (name == "channel_binding" && !is_one_of(value, "disable", "prefer", "require"))
    return "its channel_binding is none of disable, prefer, require";
  if (name == "connect_timeout" && !is_number(value, 0, 3600))
    return "its connect_timeout is not a number of seconds";
  return std::nullopt;
}

// "FATAL:  28P01: password authentication failed …", as PQERRORS_VERBOSE writes it in any language.
Refusal refusal_of(std::string_view words) {
  Refusal refusal{.state = {}, .words = std::string(text::trimmed(words))};
  for (std::size_t at = words.find(": "); at != std::string_view::npos;
       at = words.find(": ", at + 2)) {
    const std::size_t begin = words.find_first_not_of(' ', at + 2);
    if (begin == std::string_view::npos || begin + 6 > words.size()) break;
    const std::string_view state = words.substr(begin, 5);
    const bool is_state = words[begin + 5] == ':' && text::is_digit(state.front()) &&
                          std::all_of(state.begin(), state.end(), [](char c) {
                            return text::is_digit(c) || (c >= 'A' && c <= 'Z');
                          });
    if (!is_state) continue;
    refusal.state = state;
    const std::string_view rest = text::trimmed(words.substr(begin + 6));
    refusal.words = rest.substr(0, rest.find('\n'));
    break;
  }
  return refusal;
}

}  // namespace

std::optional<std::string> objection_to_address(const std::string& url) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(url.c_str(), nullptr), &PQconninfoFree);
  if (!options)
    return "it is not written as PostgreSQL asks for: "
           "postgresql://USER:PASSWORD@HOST:PORT/DATABASE, "
           "with signs such as @ / ? # % in the password as %40 %2F %3F %23 %25";
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    if (auto objection = objection_to(option->keyword, option->val)) return objection;
  }
  return std::nullopt;
}

Refusal ask_why(const std::string& url) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> session(PQconnectStart(url.c_str()),
                                                             &PQfinish);
  if (!session) return {};
  PQsetErrorVerbosity(session.get(), PQERRORS_VERBOSE);
  PostgresPollingStatusType step = PGRES_POLLING_WRITING;
  while (PQstatus(session.get()) != CONNECTION_BAD && step != PGRES_POLLING_OK &&
         step != PGRES_POLLING_FAILED) {
    if (!os::wait_for(PQsocket(session.get()), step == PGRES_POLLING_READING, kLongestStep)) break;
    step = PQconnectPoll(session.get());
  }
  if (step == PGRES_POLLING_OK) return {};
  Refusal refusal = refusal_of(PQerrorMessage(session.get()));
  refusal.needs_password = PQconnectionNeedsPassword(session.get()) != 0;
  return refusal;
}

}  // namespace weir::store
