#include "server/request_body.h"

#include <algorithm>

namespace weir::server {
namespace {

class Gathered final : public HttpUpload {
 public:
  Gathered(std::string_view head, std::string_view remote_address, const HttpHandler& handler)
      : head_(head), remote_address_(remote_address), handler_(handler) {}

  std::optional<HttpReply> take(std::string_view piece) override {
    body_.append(piece);
    return std::nullopt;
  }

  HttpReply finish() override {
    const HttpHead head = read_head(head_);
    HttpQuestion question = question_of(head, remote_address_);
    question.body = body_;
    return handler_(question);
  }

 private:
  const std::string head_;
  const std::string remote_address_;
  const HttpHandler& handler_;
  std::string body_;
};

}  // namespace

RequestBody::RequestBody(std::optional<std::uint64_t> length, std::uint64_t most,
                         std::unique_ptr<HttpUpload> upload)
    : upload_(std::move(upload)), in_chunks_(!length), left_(length.value_or(most)) {}

RequestBody::State RequestBody::take(std::string& bytes) {
  return in_chunks_ ? take_chunks(bytes) : take_sized(bytes);
}

RequestBody::State RequestBody::take_sized(std::string& bytes) {
  const std::size_t count = std::min<std::uint64_t>(left_, bytes.size());
  if (!hand_on(std::string_view(bytes).substr(0, count))) return State::kAnswered;
  bytes.erase(0, count);
  left_ -= count;
  return left_ == 0 ? State::kWhole : State::kGoesOn;
}

RequestBody::State RequestBody::take_chunks(std::string& bytes) {
  std::string piece;
  bytes.erase(0, chunks_.read(bytes, piece));
  if (piece.size() > left_) {
    refusal_ = 413;
  } else if (chunks_.is_wrong()) {
    refusal_ = 400;
  }
  if (refusal_ != 0) return State::kRefused;
  left_ -= piece.size();
  if (!hand_on(piece)) return State::kAnswered;
  return chunks_.is_whole() ? State::kWhole : State::kGoesOn;
}

bool RequestBody::hand_on(std::string_view piece) {
  if (piece.empty()) return true;
  try {
    early_ = upload_->take(piece);
  } catch (...) {
    early_ = HttpReply{.status = 500};
  }
  return !early_;
}

std::unique_ptr<HttpUpload> gathered_upload(std::string_view head, std::string_view remote_address,
                                            const HttpHandler& handler) {
  return std::make_unique<Gathered>(head, remote_address, handler);
}

HttpQuestion question_of(const HttpHead& head, std::string_view remote_address) {
  return {.method = head.method,
          .target = head.target,
          .accept_encoding = header_value(head.lines, "accept-encoding"),
          .remote_address = remote_address,
          .header_lines = head.lines};
}

}  // namespace weir::server
