#include "sync/snapshot.h"

#include <weir/foreign_words.h>

#include <algorithm>
#include <cstring>

#include "rows/cells_codec.h"

namespace weir::sync {
namespace {

constexpr std::size_t kBuffer = 256 * 1024;
constexpr std::size_t kGroup = 1024;

void pack(std::string& buffer, std::string_view text) {
  const std::uint64_t size = text.size();
  buffer.append(reinterpret_cast<const char*>(&size), sizeof(size));
  buffer += text;
}

void pack(std::string& buffer, std::int64_t number) {
  buffer.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

std::int64_t unpack_number(std::string_view& bytes) {
  std::int64_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof(number));
  bytes.remove_prefix(sizeof(number));
  return number;
}

std::string unpack_text(std::string_view& bytes) {
  const auto size = static_cast<std::size_t>(unpack_number(bytes));
  std::string text(bytes.substr(0, size));
  bytes.remove_prefix(size);
  return text;
}

Error twice(const std::string& key) {
  return {.code = ErrorCode::kInvalidArgument,
          .message = "the key" + (key.empty() ? std::string() : " " + foreign_words(key)) +
                     " of a row stands there twice; keys must be unique in a data source"};
}

}  // namespace

Fingerprint fingerprint(const std::string& hash) {
  Fingerprint numbers = {};
  std::memcpy(numbers.data(), hash.data(), std::min(hash.size(), sizeof(numbers)));
  return numbers;
}

void Contents::add(const Fingerprint& row) {
  ++rows;
  for (std::size_t i = 0; i < sum.size(); ++i) sum.at(i) += row.at(i);
}

void PackedVersions::add(const NewVersion& version) {
  const std::size_t size = version.scope.size() + version.key.size() + version.hash.size() +
                           version.cells.size() + 5 * sizeof(std::int64_t);
  if (buffers_.empty() || buffers_.back().size() + size > buffers_.back().capacity()) {
    buffers_.emplace_back();
    buffers_.back().reserve(std::max(kBuffer, size));
  }
  std::string& buffer = buffers_.back();
  pack(buffer, version.scope);
  pack(buffer, version.place);
  pack(buffer, version.key);
  pack(buffer, version.hash);
  pack(buffer, version.cells);
  ++count_;
}

void PackedVersions::for_each_group(
    const std::function<void(const std::vector<NewVersion>&)>& group) const {
  std::vector<NewVersion> versions;
  for (const std::string& buffer : buffers_) {
    std::string_view bytes = buffer;
    while (!bytes.empty()) {
      NewVersion version;
      version.scope = unpack_text(bytes);
      version.place = unpack_number(bytes);
      version.key = unpack_text(bytes);
      version.hash = unpack_text(bytes);
      version.cells = unpack_text(bytes);
      versions.push_back(std::move(version));
      if (versions.size() < kGroup) continue;
      group(versions);
      versions.clear();
    }
  }
  if (!versions.empty()) group(versions);
}

Fingerprint Snapshot::fingerprint_of(const std::string& text) const {
  return fingerprint(hash_->of(text));
}

void Snapshot::add_current(const StoredVersion& version) {
  current_.push_back({.key = fingerprint_of(version.key),
                      .content = fingerprint(version.hash),
                      .scope = fingerprint_of(version.scope)[0],
                      .id = version.id,
                      .place = version.place});
}

void Snapshot::sort() {
  std::sort(current_.begin(), current_.end(),
            [](const Current& a, const Current& b) { return a.key < b.key; });
}

Snapshot::Current* Snapshot::find(const Fingerprint& key) {
  const auto found =
      std::lower_bound(current_.begin(), current_.end(), key,
                       [](const Current& a, const Fingerprint& b) { return a.key < b; });
  return found != current_.end() && found->key == key ? &*found : nullptr;
}

Result<void> Snapshot::compare(const Row& row, const Scope& scope) {
  const Fingerprint key = fingerprint_of(row.front());
  std::string hash = hash_->of(source_, row);
  const Fingerprint content = fingerprint(hash);
  contents_.add(content);
  Current* known = find(key);
  if (known != nullptr && known->came) return twice(row.front());
  if (known == nullptr) {
    new_keys_.push_back(key);
  } else {
    known->came = true;
    const bool is_same_user = known->scope == fingerprint_of(scope)[0];
    if (known->content == content && is_same_user) return {};
    if (!is_same_user) ++gone_;
    ended_.push_back(known->id);
  }
  changed_.add({.scope = scope,
                .place = known == nullptr ? -1 : known->place,
                .key = row.front(),
                .hash = std::move(hash),
                .cells = outbox::encode_cells(row)});
  return {};
}

Result<void> Snapshot::finish() {
  std::sort(new_keys_.begin(), new_keys_.end());
  const auto same = std::adjacent_find(new_keys_.begin(), new_keys_.end());
  if (same != new_keys_.end()) {
    std::string key;
    changed_.for_each_group([&](const std::vector<NewVersion>& versions) {
      for (const NewVersion& version : versions) {
        if (fingerprint_of(version.key) == *same) key = version.key;
      }
    });
    return twice(key);
  }
  for (const Current& row : current_) {
    if (row.came) continue;
    ended_.push_back(row.id);
    ++gone_;
  }
  return {};
}

}  // namespace weir::sync
