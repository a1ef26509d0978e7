#include "outbox/spool.h"

#include "outbox/cells_codec.h"
#include "store/database.h"

namespace weir::outbox {
namespace {

Error no_room() {
  return {.code = ErrorCode::kStoreFull,
          .message =
              "the rows cannot be put into a temporary file; free some space in /tmp and "
              "try again. Nothing was changed."};
}

store::StoreFailure unreadable() {
  return store::StoreFailure(
      {.code = ErrorCode::kStoreUnusable,
       .message = "the rows cannot be read back from a temporary file; check the disk of /tmp and "
                  "try again. Nothing was changed."});
}

}  // namespace

Result<void> Spool::add(const std::vector<std::string>& texts) {
  if (!file_) file_.reset(std::tmpfile());
  if (!file_) return no_room();
  const std::string bytes = encode_cells(texts);
  const std::uint64_t size = bytes.size();
  const bool is_kept = std::fwrite(&size, sizeof(size), 1, file_.get()) == 1 &&
                       std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) == bytes.size();
  if (!is_kept) return no_room();
  ++count_;
  return {};
}

void Spool::for_each(const std::function<void(const std::vector<std::string>&)>& take) const {
  if (!file_) return;
  std::FILE* file = file_.get();
  if (std::fflush(file) != 0) throw store::StoreFailure(no_room());
  if (std::fseek(file, 0, SEEK_SET) != 0) throw unreadable();
  std::string bytes;
  for (std::int64_t i = 0; i < count_; ++i) {
    std::uint64_t size = 0;
    if (std::fread(&size, sizeof(size), 1, file) != 1) throw unreadable();
    bytes.resize(size);
    if (std::fread(bytes.data(), 1, size, file) != size) throw unreadable();
    const Result<std::vector<std::string>> texts = decode_cells(bytes);
    if (!texts) throw unreadable();
    take(*texts);
  }
}

}  // namespace weir::outbox
