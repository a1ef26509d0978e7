// The platform's own words about a call: {"ResponseStatus": {"ErrorCode", "Message"}}.
#pragma once

#include <string>
#include <string_view>

namespace weir::api {

struct ResponseStatus {
  std::string code = {};
  std::string message = {};
};

// Empty texts where there are none. Read without a document, since this is done with every answer:
// freeing a document asks for memory, and ends the program when there is none.
ResponseStatus response_status(std::string_view body);

}  // namespace weir::api
