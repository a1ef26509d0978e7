#include "daemon/sources/taken_files.h"

#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "daemon/sources/content_hash.h"
#include "input/input_bytes.h"
#include "input/input_error.h"

namespace weir::daemon {
namespace {

constexpr std::size_t kHashPiece = 64 * 1024;

// Names of files are bytes, those of notes are text.
std::string note_name_of(const std::string& name) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && c != '%') {
      text += c;
    } else {
      text += {'%', kDigits[byte / 16], kDigits[byte % 16]};
    }
  }
  return text;
}

std::string file_name_of(const std::string& text) {
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%' || i + 2 >= text.size()) {
      name += text[i];
    } else {
      name += static_cast<char>(std::strtol(text.substr(i + 1, 2).c_str(), nullptr, 16));
      i += 2;
    }
  }
  return name;
}

}  // namespace

Result<void> TakenFiles::load(const SourceDelivery& delivery, const DroppedFiles& files) {
  if (is_loaded_) return {};
  const Result<std::vector<Note>> notes = delivery.client().notes(delivery.scope("files"));
  if (!notes) return notes.error();
  std::vector<Note> gone;
  for (const Note& note : *notes) {
    const std::string name = file_name_of(note.name);
    if (files.has(name)) {
      known_[name] = note.text;
    } else {
      gone.push_back({.scope = note.scope, .name = note.name});
    }
  }
  if (delivery.is_dry()) gone.clear();
  if (Result<void> forgotten = delivery.client().keep_notes(gone); !forgotten) return forgotten;
  is_loaded_ = true;
  return {};
}

Result<std::string> TakenFiles::identity_of(const cli::PinnedFile& file) {
  const std::string& path = file.path();
  struct stat found = {};
  if (::fstat(file.descriptor(), &found) != 0)
    return cli::input_error(path, "the file cannot be looked at; check the disk");
  Result<cli::InputBytes> bytes = cli::InputBytes::open(path);
  if (!bytes) return bytes.error();
  ContentHash hash;
  std::array<char, kHashPiece> buffer;
  for (std::size_t size = 1; (size = bytes->read(buffer)) > 0;) hash.add({buffer.data(), size});
  if (bytes->has_failed())
    return cli::input_error(path, "the file cannot be read to its end; check the disk");
  return std::to_string(found.st_size) + " " + hash.text() + " " + std::to_string(found.st_ino) +
         " " + std::to_string(found.st_mtim.tv_sec) + "." + std::to_string(found.st_mtim.tv_nsec);
}

bool TakenFiles::has(const std::string& name, const std::string& identity) const {
  const auto found = known_.find(name);
  return found != known_.end() && found->second == identity;
}

Note TakenFiles::note(const SourceDelivery& delivery, const std::string& name,
                      const std::string& identity) const {
  return {.scope = delivery.scope("files"), .name = note_name_of(name), .text = identity};
}

Result<void> TakenFiles::forget(const SourceDelivery& delivery, const std::string& name) {
  if (known_.erase(name) == 0) return {};
  return delivery.client().keep_notes(
      {{.scope = delivery.scope("files"), .name = note_name_of(name), .text = ""}});
}

}  // namespace weir::daemon
