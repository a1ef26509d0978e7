#include "os/seen_calls.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "os/store_file.h"

namespace weir::os {
namespace {

std::string path_of(const std::string& store) { return store + ".seen"; }

}  // namespace

std::int64_t seen_calls(const std::string& store) {
  const int file = ::open(path_of(store).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return 0;
  std::array<char, 32> text = {};
  const ssize_t length = ::read(file, text.data(), text.size());
  ::close(file);
  std::int64_t calls = 0;
  if (length > 0) std::from_chars(text.data(), text.data() + length, calls);
  return calls;
}

// In place and not by a rename: no more than a line, of which a half is a smaller number.
void note_seen_calls(const std::string& store, std::int64_t calls) {
  if (seen_calls(store) == calls) return;
  const int file = ::open(path_of(store).c_str(),
                          O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (file < 0) return;
  give_to_owner_of_folder(file, path_of(store));
  const std::string text = std::to_string(calls) + "\n";
  [[maybe_unused]] const ssize_t written = ::write(file, text.data(), text.size());
  ::close(file);
}

}  // namespace weir::os
