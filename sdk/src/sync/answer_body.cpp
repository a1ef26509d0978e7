#include "sync/answer_body.h"

#include <utility>

namespace weir::sync {

AnswerBody::AnswerBody(std::vector<AnswerPart> parts, Encoding encoding)
    : parts_(std::move(parts)), encoding_(encoding) {
  measure();
}

void AnswerBody::measure() {
  const bool gzip = encoding_ == Encoding::kGzip;
  std::uint64_t size = gzip ? gzip_header().size() + gzip_end({}).size() : 0;
  for (const AnswerPart& part : parts_) {
    if (part.made) return;
    size += part.encoded ? part.encoded->size : part.text.size();
    if (gzip && !part.encoded) size += gzip_stored("").size();
  }
  size_ = size;
}

Result<std::string_view> AnswerBody::next() {
  if (at_ == At::kBegin) {
    at_ = At::kParts;
    if (encoding_ == Encoding::kGzip) {
      buffer_ = gzip_header();
      return std::string_view(buffer_);
    }
  }
  while (at_ == At::kParts && part_ < parts_.size()) {
    Result<std::string_view> piece = next_piece();
    if (!piece || !piece->empty()) return piece;
    ++part_;
    piece_ = 0;
  }
  if (at_ == At::kEnd || encoding_ == Encoding::kPlain) return std::string_view();
  at_ = At::kEnd;
  buffer_ = gzip_end(trailer_);
  return std::string_view(buffer_);
}

// Empty when the part is over.
Result<std::string_view> AnswerBody::next_piece() {
  AnswerPart& part = parts_[part_];
  if (part.made) return piece_of_made(*part.made);
  if (part.encoded) {
    if (piece_ < part.encoded->pieces.size())
      return std::string_view(part.encoded->pieces[piece_++]);
    trailer_.add(part.encoded->plain.crc(), part.encoded->plain.size());
    return std::string_view();
  }
  return piece_of_text(part.text);
}

std::string_view AnswerBody::piece_of_text(const std::string& text) {
  if (piece_++ > 0) return {};
  if (encoding_ == Encoding::kPlain) return text;
  trailer_.add(text);
  buffer_ = gzip_stored(text);
  return buffer_;
}

Result<std::string_view> AnswerBody::piece_of_made(SourceText& text) {
  buffer_.clear();
  while (buffer_.empty()) {
    if (piece_ > 0) return std::string_view();
    json_.clear();
    const Result<bool> more = text.next(json_);
    if (!more) return more.error();
    if (encoding_ == Encoding::kPlain) {
      buffer_.swap(json_);
    } else {
      if (!deflater_) deflater_ = std::make_unique<Deflater>();
      trailer_.add(json_);
      deflater_->add(json_, buffer_);
      if (!*more) deflater_->end(buffer_);
    }
    if (!*more) ++piece_;
  }
  return std::string_view(buffer_);
}

}  // namespace weir::sync
