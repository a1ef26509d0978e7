#include "sync/encoded_text.h"

#include <utility>

namespace weir::sync {
namespace {

// Pieces of this size are given back to the system when they are freed.
constexpr std::size_t kPiece = 256 * 1024;
// What a slot takes beside its text.
constexpr std::uint64_t kSlotBytes = 512;

class Pieces {
 public:
  Pieces(EncodedText& text, Encoding encoding) : text_(text), encoding_(encoding) {}

  void add(const std::string& json) {
    text_.plain.add(json);
    if (encoding_ == Encoding::kPlain) {
      append(json);
    } else {
      buffer_.clear();
      deflater_.add(json, buffer_);
      append(buffer_);
    }
  }

  void end() {
    if (encoding_ == Encoding::kGzip && text_.plain.size() > 0) {
      buffer_.clear();
      deflater_.end(buffer_);
      append(buffer_);
    }
    if (!text_.pieces.empty()) text_.pieces.back().shrink_to_fit();
  }

 private:
  void append(std::string_view bytes) {
    text_.size += bytes.size();
    while (!bytes.empty()) {
      if (text_.pieces.empty() || text_.pieces.back().size() == kPiece) {
        text_.pieces.emplace_back();
        text_.pieces.back().reserve(kPiece);
      }
      std::string& piece = text_.pieces.back();
      const std::size_t part = std::min(bytes.size(), kPiece - piece.size());
      piece += bytes.substr(0, part);
      bytes.remove_prefix(part);
    }
  }

  EncodedText& text_;
  const Encoding encoding_;
  Deflater deflater_;
  std::string buffer_;
};

}  // namespace

Result<std::shared_ptr<const EncodedText>> encode(SourceText& text, Encoding encoding,
                                                  std::uint64_t most) {
  auto encoded = std::make_shared<EncodedText>();
  Pieces pieces(*encoded, encoding);
  std::string json;
  while (true) {
    json.clear();
    const Result<bool> more = text.next(json);
    if (!more) return more.error();
    if (!*more) break;
    pieces.add(json);
    if (encoded->size <= most) continue;
    auto nothing = std::make_shared<EncodedText>();
    nothing->is_too_large = true;
    return std::shared_ptr<const EncodedText>(std::move(nothing));
  }
  pieces.end();
  return std::shared_ptr<const EncodedText>(std::move(encoded));
}

Result<std::shared_ptr<const EncodedText>> TextCache::get(const std::string& key, Edition edition,
                                                          const Make& make) {
  const std::shared_ptr<Slot> found = slot(key);
  const std::lock_guard lock(found->making);
  if (found->text && found->edition == edition) return found->text;
  found->text.reset();
  Result<std::shared_ptr<const EncodedText>> made = make();
  if (!made) return made;
  found->edition = edition;
  found->text = *made;
  account(key, found, found->text->size);
  return made;
}

std::uint64_t TextCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::shared_ptr<TextCache::Slot> TextCache::slot(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto known = slots_.find(key);
  if (known != slots_.end()) {
    used_.splice(used_.begin(), used_, known->second->use);
    return known->second;
  }
  // Whatever fails for want of memory leaves everything as it was.
  auto slot = std::make_shared<Slot>();
  std::list<std::string> use = {key};
  slots_.emplace(key, slot);
  slot->use = use.begin();
  used_.splice(used_.begin(), use);
  slot->bytes = kSlotBytes + 2 * key.size();
  bytes_ += slot->bytes;
  return slot;
}

// A slot that was dropped meanwhile still serves those who hold it.
void TextCache::account(const std::string& key, const std::shared_ptr<Slot>& slot,
                        std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto there = slots_.find(key);
  if (there == slots_.end() || there->second != slot) return;
  bytes_ -= slot->bytes;
  slot->bytes = kSlotBytes + 2 * key.size() + bytes;
  bytes_ += slot->bytes;
  while (bytes_ > most_ && used_.back() != key) {
    const auto oldest = slots_.find(used_.back());
    bytes_ -= oldest->second->bytes;
    slots_.erase(oldest);
    used_.pop_back();
  }
}

}  // namespace weir::sync
