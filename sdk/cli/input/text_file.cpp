#include "input/text_file.h"

#include <sys/stat.h>

#include <utility>

#include "input/input_error.h"

namespace weir::cli {
namespace {

// A file that is replaced by a rename has another inode; one that is written, another time or size.
std::string version_of(const struct stat& found) {
  return std::to_string(found.st_dev) + "-" + std::to_string(found.st_ino) + "-" +
         std::to_string(found.st_mtim.tv_sec) + "." + std::to_string(found.st_mtim.tv_nsec) + "-" +
         std::to_string(found.st_size);
}

std::string version_of(std::FILE* file) {
  struct stat found = {};
  return ::fstat(::fileno(file), &found) == 0 ? version_of(found) : "";
}

Error cannot_open(const std::string& path) {
  return input_error(path, "the file cannot be opened; check its name and permissions");
}

}  // namespace

Result<std::string> file_version(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0) return cannot_open(path);
  return version_of(found);
}

TextFile::TextFile(std::string path, std::FILE* file)
    : path_(std::move(path)), file_(file), version_(version_of(file)) {}

Result<TextFile> TextFile::open(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode))
    return input_error(path, "it is a folder, not a file");
  std::FILE* opened = std::fopen(path.c_str(), "rbe");
  if (opened == nullptr) return cannot_open(path);
  TextFile file(path, opened);
  const std::string_view start = file.ahead();
  if (start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF"))
    return input_error(path, "the file is UTF-16; save it as UTF-8");
  if (start.starts_with("\xEF\xBB\xBF")) file.skip(3);
  return file;
}

std::string_view TextFile::ahead() {
  if (peek() == kEnd) return {};
  return {buffer_->data() + at_, size_ - at_};
}

Result<void> TextFile::read_rest(const std::function<void(std::string_view)>& take) {
  for (std::string_view bytes = ahead(); !bytes.empty(); bytes = ahead()) {
    take(bytes);
    skip(bytes.size());
  }
  return finish();
}

bool TextFile::fill() {
  at_ = 0;
  size_ = std::fread(buffer_->data(), 1, buffer_->size(), file_.get());
  return size_ > 0;
}

Result<void> TextFile::finish() const {
  if (std::ferror(file_.get()) != 0)
    return input_error(path_, "the file cannot be read to its end; check the disk");
  if (version_of(file_.get()) == version_) return {};
  return input_error(path_,
                     "the file was written while it was read; write another one and rename it "
                     "into its place");
}

}  // namespace weir::cli
