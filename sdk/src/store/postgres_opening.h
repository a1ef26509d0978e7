// Why a PostgreSQL session cannot be opened, through libpq itself: libpqxx passes on its words
// alone, which are in the language of the server.
#pragma once

#include <optional>
#include <string>

namespace weir::store {

// What is wrong with the address as such; in words of ours, since libpq's repeat a part of it.
// Empty when it can be understood.
std::optional<std::string> objection_to_address(const std::string& url);

struct Refusal {
  std::string state =
      {};  // SQLSTATE; empty: the server was not reached, or is not known to have spoken
  std::string words = {};
  bool needs_password = false;  // the server asks for one, and the address has none
};

// Tries to open a session once more, to hear the reason. Both are empty when that succeeds.
Refusal ask_why(const std::string& url);

}  // namespace weir::store
