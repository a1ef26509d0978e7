#include "outbox/spool.h"

#include <cerrno>
#include <cstring>

#include "os/temporary_file.h"
#include "rows/cells_codec.h"
#include "store/database.h"

namespace weir::outbox {
namespace {

Error no_room(const std::string& place) {
  const std::string reason = std::strerror(errno);
  return {.code = ErrorCode::kStoreFull,
          .message = "the rows cannot be put into a temporary file" +
                     (place.empty() ? "" : " in " + place) + ": " + reason +
                     "; free some space there, or set TMPDIR to another folder. Nothing was "
                     "changed."};
}

store::StoreFailure unreadable(const std::string& place) {
  return store::StoreFailure({.code = ErrorCode::kStoreIo,
                              .message = "the rows cannot be read back from a temporary file in " +
                                         place +
                                         "; check its disk and try again. Nothing was changed."});
}

}  // namespace

bool Spool::open() {
  if (file_) return true;
  const os::TemporaryFile made = os::make_temporary_file();
  if (made.descriptor < 0) return false;
  place_ = made.place;
  file_.reset(::fdopen(made.descriptor, "w+"));
  return file_ != nullptr;
}

Result<void> Spool::add(const std::vector<std::string>& texts) {
  if (!open()) return no_room(place_);
  const std::string bytes = encode_cells(texts);
  const std::uint64_t size = bytes.size();
  const bool is_kept = std::fwrite(&size, sizeof(size), 1, file_.get()) == 1 &&
                       std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) == bytes.size();
  if (!is_kept) return no_room(place_);
  ++count_;
  return {};
}

void Spool::for_each(const std::function<void(const std::vector<std::string>&)>& take) const {
  if (!file_) return;
  std::FILE* file = file_.get();
  if (std::fflush(file) != 0) throw store::StoreFailure(no_room(place_));
  if (std::fseek(file, 0, SEEK_SET) != 0) throw unreadable(place_);
  std::string bytes;
  for (std::int64_t i = 0; i < count_; ++i) {
    std::uint64_t size = 0;
    if (std::fread(&size, sizeof(size), 1, file) != 1) throw unreadable(place_);
    bytes.resize(size);
    if (std::fread(bytes.data(), 1, size, file) != size) throw unreadable(place_);
    const Result<std::vector<std::string>> texts = decode_cells(bytes);
    if (!texts) throw unreadable(place_);
    take(*texts);
  }
}

}  // namespace weir::outbox
