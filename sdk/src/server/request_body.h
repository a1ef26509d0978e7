// RequestBody: the body of one request under way. It takes the bytes as they arrive, by the length
// that was told or in chunks, and hands them to an HttpUpload. For one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "server/chunk_reader.h"
#include "server/http_exchange.h"

namespace weir::server {

class RequestBody {
 public:
  // Without a length it comes in chunks, and `most` is the limit to their sum.
  RequestBody(std::optional<std::uint64_t> length, std::uint64_t most,
              std::unique_ptr<HttpUpload> upload);

  enum class State { kGoesOn, kWhole, kRefused, kAnswered };
  // Takes from the front of the bytes what is of the body.
  State take(std::string& bytes);

  int refusal() const { return refusal_; }                // after kRefused: the status
  HttpReply early_reply() { return std::move(*early_); }  // after kAnswered
  HttpReply finish() { return upload_->finish(); }        // after kWhole

 private:
  State take_sized(std::string& bytes);
  State take_chunks(std::string& bytes);
  // False when the request is answered early.
  bool hand_on(std::string_view piece);

  const std::unique_ptr<HttpUpload> upload_;
  const bool in_chunks_;
  std::uint64_t left_;  // until the end, or in chunks until the limit
  ChunkReader chunks_;
  int refusal_ = 0;
  std::optional<HttpReply> early_;
};

// Keeps a whole body in memory and then asks the handler. `head` is good, and copied.
std::unique_ptr<HttpUpload> gathered_upload(std::string_view head, std::string_view remote_address,
                                            const HttpHandler& handler);

// What the handler is asked, as parts of `head`.
HttpQuestion question_of(const HttpHead& head, std::string_view remote_address);

}  // namespace weir::server
