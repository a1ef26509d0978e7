// AnswerBody: an answer as its parts in a row: short texts, texts that other answers share, and
// texts that are made while they are sent; plain or as one gzip file. Not thread-safe.
#pragma once

#include <weir/sync/sync_http.h>

#include <memory>
#include <string>
#include <vector>

#include "sync/encoded_text.h"
#include "sync/source_text.h"

namespace weir::sync {

// One of the three. Encoded as the body is.
struct AnswerPart {
  std::string text = {};
  std::shared_ptr<const EncodedText> encoded = {};
  std::unique_ptr<SourceText> made = {};
};

class AnswerBody final : public SyncBody {
 public:
  AnswerBody(std::vector<AnswerPart> parts, Encoding encoding);

  std::optional<std::uint64_t> size() const override { return size_; }
  Result<std::string_view> next() override;

 private:
  Result<std::string_view> next_piece();
  std::string_view piece_of_text(const std::string& text);
  Result<std::string_view> piece_of_made(SourceText& text);
  void measure();

  std::vector<AnswerPart> parts_;
  const Encoding encoding_;
  std::optional<std::uint64_t> size_;
  enum class At { kBegin, kParts, kEnd } at_ = At::kBegin;
  std::size_t part_ = 0;
  std::size_t piece_ = 0;
  GzipTrailer trailer_;
  std::unique_ptr<Deflater> deflater_;
  std::string buffer_;
  std::string json_;
};

}  // namespace weir::sync
