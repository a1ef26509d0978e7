// SyncHttpRequest and SyncHttpAnswer: a request that a web server of any kind hands to
// SyncService::handle(), and the answer that it sends back.
//
// Plain values; a SyncBody belongs to one thread at a time.
//
//   weir::SyncHttpAnswer answer = service.handle({.target = "/?ids=OUTAGES&…"});
//   send(answer.status, answer.headers, *answer.body->read_all());
#pragma once

#include <weir/export.h>
#include <weir/result.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::inline v0 {

struct SyncHttpRequest {
  std::string_view method = "GET";
  // Path and query string as they came, percent-encoded.
  std::string_view target = {};
  // The header of this name; empty when there is none.
  std::string_view accept_encoding = {};
};

// The bytes of an answer, piece by piece: a large answer is shared with other devices, or made
// while it is sent, and so never copied as a whole.
class WEIR_EXPORT SyncBody {
 public:
  virtual ~SyncBody() = default;

  // How many bytes there are in all; empty when that is not known before they are made.
  virtual std::optional<std::uint64_t> size() const = 0;

  // The next piece, good until the next call or the end of the body; empty at the end. On an error
  // the connection must be cut, so that the device does not take half an answer for a whole one.
  virtual Result<std::string_view> next() = 0;

  // What is left of it in one text: for small servers, and for tests.
  Result<std::string> read_all();
};

struct SyncHttpAnswer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::unique_ptr<SyncBody> body = {};
};

}  // namespace weir::inline v0
