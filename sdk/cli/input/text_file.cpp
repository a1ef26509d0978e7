#include "input/text_file.h"

#include <algorithm>
#include <utility>

#include "input/file_kind.h"
#include "input/input_error.h"

namespace weir::cli {
namespace {

constexpr std::size_t kBufferSize = 64 * 1024;
constexpr const char* kNotUtf16 = "the file is not valid UTF-16 text to its end";

bool is_utf32(std::string_view start) {
  return start.starts_with(std::string_view("\xFF\xFE\0\0", 4)) ||
         start.starts_with(std::string_view("\0\0\xFE\xFF", 4));
}

// By its byte order mark, or by a first letter of ASCII.
bool is_utf16(std::string_view start) {
  if (start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF")) return true;
  return start.size() >= 2 && (start[0] == '\0') != (start[1] == '\0');
}

}  // namespace

TextFile::TextFile(std::string path, InputBytes bytes, Encoding encoding)
    : path_(std::move(path)),
      bytes_(std::move(bytes)),
      version_(bytes_.version()),
      decoder_(std::make_unique<Decoder>(encoding)),
      buffer_(kBufferSize) {}

Result<TextFile> TextFile::open(const std::string& path, Encoding encoding) {
  Result<InputBytes> bytes = InputBytes::open(path);
  if (!bytes) return bytes.error();
  TextFile file(shown_input(path), std::move(*bytes), encoding);
  const std::string_view start = file.ahead();
  if (const std::string kind = other_kind_of_file(file.start_, file.path_); !kind.empty())
    return input_error(file.path_, kind);
  if (encoding == Encoding::kUtf8) {
    if (is_utf32(start))
      return input_error(file.path_, "the file is UTF-32, which is not read: write it as UTF-8");
    if (is_utf16(start))
      return input_error(file.path_, "the file is UTF-16: give --encoding utf-16");
  }
  // As Latin-1 has UTF-8's byte order mark.
  if (start.starts_with("\u00EF\u00BB\u00BF") && encoding != Encoding::kUtf8)
    return input_error(file.path_, "the file is UTF-8: leave --encoding out");
  if (encoding == Encoding::kUtf8 && start.starts_with("\xEF\xBB\xBF")) file.skip(3);
  return file;
}

std::string_view TextFile::ahead() {
  if (peek() == kEnd) return {};
  return std::string_view(text_).substr(at_);
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
  text_.clear();
  while (text_.empty() && !is_undecodable_) {
    const std::size_t size = bytes_.read(buffer_);
    if (size == 0) return false;
    if (start_.empty()) start_.assign(buffer_.data(), std::min(size, kKindBytes));
    is_undecodable_ = !decoder_->decode({buffer_.data(), size}, text_);
  }
  if (is_undecodable_) text_.clear();
  if (!text_.empty()) last_ = text_.back();
  return !text_.empty();
}

std::optional<Error> TextFile::undecodable() const {
  if (!is_undecodable_) return std::nullopt;
  const std::string problem = decoder_->problem();
  if (problem.empty()) return input_error(path_, kNotUtf16);
  return input_error(at_line(path_, decoder_->line()), problem);
}

std::string TextFile::doubt() const {
  const std::string doubt = decoder_->doubt();
  return doubt.empty() ? "" : path_ + ": " + doubt;
}

Result<void> TextFile::finish() const {
  if (bytes_.has_failed())
    return input_error(path_, "the file cannot be read to its end; check the disk");
  if (const std::optional<Error> problem = undecodable()) return *problem;
  if (!decoder_->is_whole()) return input_error(path_, kNotUtf16);
  if (decoder_->is_utf8_after_all())
    return input_error(path_, "the file is UTF-8: leave --encoding out");
  if (bytes_.version() == version_) return {};
  return input_error(path_,
                     "the file was written while it was read; write another one and rename it "
                     "into its place");
}

}  // namespace weir::cli
