// EncodedText: the JSON of one data source as it is sent, plain or compressed, in pieces that many
// answers share; and the cache in which it waits for the next device that asks the same.
#pragma once

#include <weir/result.h>

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "sync/edition.h"
#include "sync/gzip.h"
#include "sync/source_text.h"

namespace weir::sync {

struct EncodedText {
  std::vector<std::string> pieces = {};
  std::uint64_t size = 0;
  GzipTrailer plain = {};  // checksum and size before compression
  // It was too large to keep: it is to be made for each device.
  bool is_too_large = false;
};

enum class Encoding { kPlain, kGzip };

// Larger than `most` bytes it is given up, with nothing in it but is_too_large.
Result<std::shared_ptr<const EncodedText>> encode(SourceText& text, Encoding encoding,
                                                  std::uint64_t most);

// The texts used last, up to a number of bytes. Safe to use from several threads at once; a text is
// made once, while others who ask for it wait.
class TextCache {
 public:
  explicit TextCache(std::uint64_t bytes) : most_(bytes) {}

  using Make = std::function<Result<std::shared_ptr<const EncodedText>>()>;
  // What was made under this key for another edition is dropped.
  Result<std::shared_ptr<const EncodedText>> get(const std::string& key, Edition edition,
                                                 const Make& make);

  std::uint64_t bytes() const;

 private:
  struct Slot {
    std::mutex making;
    Edition edition = 0;                           // guarded by making
    std::shared_ptr<const EncodedText> text = {};  // guarded by making
    std::uint64_t bytes = 0;
    std::list<std::string>::iterator use = {};
  };

  std::shared_ptr<Slot> slot(const std::string& key);
  void account(const std::string& key, const std::shared_ptr<Slot>& slot, std::uint64_t bytes);

  const std::uint64_t most_;
  mutable std::mutex mutex_;  // guards what follows, and the slots' bytes and use
  std::unordered_map<std::string, std::shared_ptr<Slot>> slots_;
  std::list<std::string> used_;  // the latest first
  std::uint64_t bytes_ = 0;
};

}  // namespace weir::sync
