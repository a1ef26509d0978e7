#include "entry_files.h"

#include <algorithm>

namespace weir::mock {
namespace {

// SplitMix64: any byte can be told without those before it.
std::uint64_t mixed(std::uint64_t number) {
  number += 0x9E3779B97F4A7C15U;
  number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9U;
  number = (number ^ (number >> 27)) * 0x94D049BB133111EBU;
  return number ^ (number >> 31);
}

}  // namespace

std::string EntryFile::bytes(std::int64_t from, std::int64_t count) const {
  const std::int64_t until = std::min(size(), from + count);
  if (from >= until) return {};
  if (generated_size == 0)
    return content.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(until - from));
  std::string made;
  made.reserve(static_cast<std::size_t>(until - from));
  for (std::int64_t at = from; at < until; ++at) {
    const std::uint64_t word = mixed(seed + static_cast<std::uint64_t>(at / 8));
    made += static_cast<char>(word >> (at % 8 * 8));
  }
  return made;
}

void EntryFiles::add(const std::string& entry, const std::string& name, EntryFile file,
                     Instant now) {
  const std::lock_guard lock(mutex_);
  file.version = "\"" + std::to_string(++added_) + "\"";
  file.changed = now;
  entries_[entry][name] = std::make_shared<const EntryFile>(std::move(file));
}

std::shared_ptr<const EntryFile> EntryFiles::find(const std::string& entry,
                                                  const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto files = entries_.find(entry);
  if (files == entries_.end()) {
    return std::make_shared<const EntryFile>(
        EntryFile{.content = "File " + name + " of entry " + entry + "\n", .version = "\"0\""});
  }
  const auto file = files->second.find(name);
  return file == files->second.end() ? nullptr : file->second;
}

}  // namespace weir::mock
