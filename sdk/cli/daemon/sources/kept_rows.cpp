#include "daemon/sources/kept_rows.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string_view>
#include <utility>

#include "input/temporary_input.h"
#include "rows/whole_read.h"

namespace weir::daemon {
namespace {

constexpr std::size_t kRowsPiece = 256 * 1024;
constexpr std::string_view kMagic = "weirrow1";
// Magic and the number of rows, which is written last: a file that was not finished has none.
constexpr std::size_t kCountAt = kMagic.size();
constexpr std::size_t kHead = kCountAt + sizeof(std::int64_t);
// A cell or a name that is longer was not written by us.
constexpr std::uint32_t kLongest = 64 * 1024 * 1024;

Error failed(const std::string& what) {
  return {.code = errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? ErrorCode::kStoreFull
                                                                       : ErrorCode::kUnavailable,
          .message = what + ": " + std::strerror(errno) + "; free some space there"};
}

Error damaged() {
  return {.code = ErrorCode::kUnavailable, .message = "rows that were kept in a file are damaged"};
}

bool write_at(int file, std::string_view bytes, std::int64_t at) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    at += written;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

template <class Number>
void add_number(std::string& bytes, Number number) {
  std::array<char, sizeof(Number)> raw = {};
  std::memcpy(raw.data(), &number, sizeof(Number));
  bytes.append(raw.data(), raw.size());
}

class Reader {
 public:
  Reader(int file, std::int64_t at) : file_(file), at_(at) {}

  std::int64_t at() const { return at_ - static_cast<std::int64_t>(bytes_.size() - used_); }

  bool read(std::vector<std::string>& cells) {
    std::uint32_t count = 0;
    if (!read_number(count) || count > kLongest) return false;
    cells.resize(count);
    for (std::string& cell : cells) {
      std::uint32_t size = 0;
      if (!read_number(size) || size > kLongest || !fill(size)) return false;
      cell.assign(bytes_, used_, size);
      used_ += size;
    }
    return true;
  }

 private:
  bool read_number(std::uint32_t& number) {
    if (!fill(sizeof(number))) return false;
    std::memcpy(&number, bytes_.data() + used_, sizeof(number));
    used_ += sizeof(number);
    return true;
  }

  bool fill(std::size_t size) {
    while (bytes_.size() - used_ < size) {
      bytes_.erase(0, used_);
      used_ = 0;
      const std::size_t before = bytes_.size();
      bytes_.resize(before + kRowsPiece);
      const ssize_t found = ::pread(file_, bytes_.data() + before, kRowsPiece, at_);
      bytes_.resize(before + (found > 0 ? static_cast<std::size_t>(found) : 0));
      if (found < 0 && errno == EINTR) continue;
      if (found <= 0) return false;
      at_ += found;
    }
    return true;
  }

  const int file_;
  std::int64_t at_;
  std::string bytes_;
  std::size_t used_ = 0;
};

// Of all behind the head.
std::string hash_of(int file) {
  ContentHash hash;
  std::vector<char> buffer(kRowsPiece);
  std::int64_t at = kHead;
  while (true) {
    const ssize_t size = ::pread(file, buffer.data(), buffer.size(), at);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return hash.text();
    hash.add({buffer.data(), static_cast<std::size_t>(size)});
    at += size;
  }
}

std::string new_version() {
  static std::atomic<std::uint64_t> last = 0;
  return std::to_string(++last);
}

}  // namespace

KeptRows::KeptRows(int descriptor) : descriptor_(descriptor), version_(new_version()) {}

KeptRows::~KeptRows() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::shared_ptr<KeptRows>> KeptRows::read_from(RowSource& rows) {
  Result<KeptRowsWriter> writer = KeptRowsWriter::make();
  if (!writer) return writer.error();
  Result<std::vector<std::string>> columns = rows.columns();
  if (!columns) return columns.error();
  if (Result<void> begun = writer->begin(*columns); !begun) return begun.error();
  const Result<void> read =
      outbox::read_whole(rows, {}, [&](const Row& row) { return writer->add(row); });
  if (!read) return read.error();
  return writer->finish();
}

KeptRowsWriter::KeptRowsWriter(int file) : file_(file), at_(kHead) {}

KeptRowsWriter::KeptRowsWriter(KeptRowsWriter&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      bytes_(std::move(other.bytes_)),
      hash_(other.hash_),
      at_(other.at_),
      rows_(other.rows_) {}

KeptRowsWriter::~KeptRowsWriter() {
  if (file_ >= 0) ::close(file_);
}

Result<KeptRowsWriter> KeptRowsWriter::make() {
  const int file = cli::open_temporary_file();
  if (file < 0) return failed("a temporary file for rows cannot be made");
  return KeptRowsWriter(file);
}

Result<void> KeptRowsWriter::add(const Row& row) {
  ++rows_;
  return add_cells(row);
}

Result<void> KeptRowsWriter::add_cells(const std::vector<std::string>& cells) {
  add_number(bytes_, static_cast<std::uint32_t>(cells.size()));
  for (const std::string& cell : cells) {
    add_number(bytes_, static_cast<std::uint32_t>(cell.size()));
    bytes_ += cell;
  }
  return bytes_.size() < kRowsPiece ? Result<void>() : flush();
}

Result<void> KeptRowsWriter::flush() {
  if (!write_at(file_, bytes_, at_)) return failed("rows cannot be kept in a temporary file");
  hash_.add(bytes_);
  at_ += static_cast<std::int64_t>(bytes_.size());
  bytes_.clear();
  return {};
}

Result<std::shared_ptr<KeptRows>> KeptRowsWriter::finish() {
  if (Result<void> written = flush(); !written) return written.error();
  std::string head(kMagic);
  add_number(head, rows_);
  if (!write_at(file_, head, 0)) return failed("rows cannot be kept in a temporary file");
  const std::shared_ptr<KeptRows> kept(new KeptRows(std::exchange(file_, -1)));
  if (Result<void> whole = kept->read_head(); !whole) return whole.error();
  kept->fingerprint_ = hash_.text();
  return kept;
}

Result<void> KeptRows::read_head() {
  std::array<char, kHead> head = {};
  if (::pread(descriptor_, head.data(), head.size(), 0) != static_cast<ssize_t>(head.size()) ||
      std::string_view(head.data(), kMagic.size()) != kMagic)
    return damaged();
  std::memcpy(&rows_, head.data() + kCountAt, sizeof(rows_));
  Reader reader(descriptor_, kHead);
  if (rows_ < 0 || !reader.read(columns_)) return damaged();
  begin_ = reader.at();
  return {};
}

std::shared_ptr<KeptRows> KeptRows::load(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return nullptr;
  std::shared_ptr<KeptRows> kept(new KeptRows(file));
  struct stat found = {};
  if (::fstat(file, &found) != 0 || !S_ISREG(found.st_mode) || !kept->read_head()) return nullptr;
  // A file that was cut off is found out by reading it once.
  if (!kept->read({}, [](const Row&) -> Result<void> { return {}; })) return nullptr;
  kept->fingerprint_ = hash_of(file);
  return kept;
}

Result<void> KeptRows::save(const std::string& path) const {
  const std::string part = path + ".part";
  // What is left over there may be of another owner or mode, or be no file.
  ::unlink(part.c_str());
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return failed(part + " cannot be made");
  std::vector<char> buffer(kRowsPiece);
  std::int64_t at = 0;
  bool is_well = true;
  while (is_well) {
    const ssize_t size = ::pread(descriptor_, buffer.data(), buffer.size(), at);
    if (size == 0) break;
    is_well = size > 0 && write_at(file, {buffer.data(), static_cast<std::size_t>(size)}, at);
    at += size;
  }
  is_well = is_well && ::fdatasync(file) == 0;
  ::close(file);
  if (!is_well || std::rename(part.c_str(), path.c_str()) != 0) {
    const Error error = failed(path + " cannot be written");
    ::unlink(part.c_str());
    return error;
  }
  return {};
}

Result<void> KeptRows::read(const RowQuery&, const RowSink& sink) {
  Reader reader(descriptor_, begin_);
  Row row;
  for (std::int64_t i = 0; i < rows_; ++i) {
    if (!reader.read(row)) return damaged();
    if (Result<void> taken = sink(row); !taken) return taken;
  }
  return {};
}

Result<std::int64_t> KeptRows::count_gone(KeptRows& before) {
  // 8 bytes a row: that two keys look the same is of no importance to a guard.
  std::vector<std::size_t> keys;
  keys.reserve(static_cast<std::size_t>(rows_));
  const std::hash<std::string> hash;
  Result<void> done = read({}, [&](const Row& row) -> Result<void> {
    keys.push_back(row.empty() ? 0 : hash(row.front()));
    return {};
  });
  if (!done) return done.error();
  std::sort(keys.begin(), keys.end());
  std::int64_t gone = 0;
  done = before.read({}, [&](const Row& row) -> Result<void> {
    const bool is_here =
        !row.empty() && std::binary_search(keys.begin(), keys.end(), hash(row.front()));
    gone += is_here ? 0 : 1;
    return {};
  });
  if (!done) return done.error();
  return gone;
}

}  // namespace weir::daemon
