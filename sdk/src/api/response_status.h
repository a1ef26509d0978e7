// The platform's own words about a call: {"ResponseStatus": {"ErrorCode", "Message", "Errors"}}.
#pragma once

#include <string>
#include <string_view>

namespace weir::api {

struct ResponseStatus {
  std::string code = {};
  std::string message = {};
  // What an answer of another form says of its failure: {"Success": false, "Error": "…"}.
  std::string other_words = {};
  // A list of errors that is not empty, or that it was no success, in whichever form.
  bool tells_of_errors = false;

  bool is_failure() const { return !code.empty() || tells_of_errors; }
};

// Empty texts where there are none. Read without a document, since this is done with every answer:
// freeing a document asks for memory, and ends the program when there is none.
ResponseStatus response_status(std::string_view body);

}  // namespace weir::api
