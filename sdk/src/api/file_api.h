// The GET of a form entry's file, whole or from a byte on: request and answer.
//
// Ranges and validators are HTTP's (RFC 9110, 13.1.5 and 14). Pure functions, thread-safe.
#pragma once

#include <weir/result.h>
#include <weir/transport.h>

#include <cstdint>
#include <optional>
#include <string>

#include "api/data_source_api.h"

namespace weir::api {

struct FileRequest {
  std::string entry_id = {};
  std::string file_name = {};
  // Where to go on; 0 asks for the whole file.
  std::int64_t from = 0;
  // The version of the file of which the first bytes are; the whole file is sent when it changed.
  std::string version = {};
  // How many bytes to ask for at most; 0 asks for all that follow.
  std::int64_t most = 0;
  // How long no byte may come.
  Milliseconds longest_silence = std::chrono::seconds{30};
};

HttpRequest file_request(const Credentials& credentials, const FileRequest& file);

// What an answer 200 or 206 carries.
struct FilePart {
  std::int64_t from = 0;
  // The whole file's size, when it is told.
  std::optional<std::int64_t> total = {};
  // What a later request can ask for the same bytes by; empty when there is nothing that promises
  // them.
  std::string version = {};
  // Whether the answer may hold only some of the file's bytes.
  bool is_partial = false;
};

// kBadResponse: an answer 206 that does not say which bytes it has, or one in a coding that was not
// asked for.
Result<FilePart> parse_file_part(const HttpResponse& head);

// Whether an answer 206 goes on with the version that was asked for. Some servers heed the Range
// and not the condition.
bool is_of_version(const FilePart& part, const std::string& version);

// The size of the file when the answer is 416 and says it: there are no bytes from `from` on.
std::optional<std::int64_t> size_when_out_of_range(const HttpResponse& response);

}  // namespace weir::api
