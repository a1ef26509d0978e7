#include "input/file_kind.h"

#include <algorithm>
#include <array>

#include "input/input_bytes.h"

namespace weir::cli {
namespace {

constexpr std::string_view kZip = "PK\x03\x04";
constexpr std::size_t kNameInZip = 30;  // where an archive has the name of its first file

struct Compression {
  std::string_view begin;
  const char* name;
  const char* command;  // writes what is in the file
};

constexpr std::array kCompressions = {
    Compression{"\x1F\x8B", "gzip", "gunzip -c"},
    Compression{std::string_view("\xFD"
                                 "7zXZ\0",
                                 6),
                "xz", "xz -dc"},
    Compression{"\x28\xB5\x2F\xFD", "zstd", "zstd -dc"},
    Compression{"\x04\x22\x4D\x18", "lz4", "lz4 -dc"},
    Compression{"\x1F\x9D", "compress", "uncompress -c"},
};

struct OtherKind {
  std::string_view begin;
  const char* name;
};

constexpr std::array kOtherKinds = {
    OtherKind{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "a document of Excel or another office program"},
    OtherKind{"%PDF-", "a PDF document"},
    OtherKind{"PAR1\x15", "a Parquet file"},
    OtherKind{"7z\xBC\xAF\x27\x1C", "a 7z archive"},
};

// Spreadsheets are archives too; these are the first files in them.
bool is_spreadsheet(std::string_view first_bytes) {
  const std::string_view name = first_bytes.substr(std::min(kNameInZip, first_bytes.size()));
  constexpr std::array<std::string_view, 5> kFirstFiles = {"[Content_Types].xml", "_rels/",
                                                           "docProps/", "xl/", "mimetype"};
  return std::any_of(kFirstFiles.begin(), kFirstFiles.end(),
                     [&](std::string_view file) { return name.starts_with(file); });
}

// The level stands in the midst of its mark, which a name of a column could begin like.
bool is_bzip2(std::string_view first_bytes) {
  return first_bytes.size() > 4 && first_bytes.starts_with("BZh") &&
         first_bytes.substr(4).starts_with("1AY&SY");
}

// Not the whole command: the same file may be rows or a list of changes.
std::string piped(const std::string& command, const std::string& path) {
  if (path == shown_input("-")) return ", by " + command;
  return ", as in " + command + " " + path + ", and give - for the file to read its output";
}

std::string compressed(const std::string& name, const std::string& command,
                       const std::string& path) {
  return "the file is compressed by " + name + ": decompress it first" + piped(command, path);
}

}  // namespace

std::string other_kind_of_file(std::string_view first_bytes, const std::string& path) {
  for (const auto& [begin, name, command] : kCompressions) {
    if (first_bytes.starts_with(begin)) return compressed(name, command, path);
  }
  if (is_bzip2(first_bytes)) return compressed("bzip2", "bzip2 -dc", path);
  if (first_bytes.starts_with(kZip)) {
    if (is_spreadsheet(first_bytes))
      return "the file is a spreadsheet, as of Excel, not a CSV: export the sheet as CSV UTF-8";
    return "the file is a zip archive: unpack it first" + piped("unzip -p", path);
  }
  if (first_bytes.starts_with("SQLite format 3"))
    return "the file is an SQLite database: read it with --sql sqlite3:///PATH and --query";
  for (const auto& [begin, name] : kOtherKinds) {
    if (first_bytes.starts_with(begin))
      return "the file is " + std::string(name) + ", not a text: export its rows as CSV UTF-8";
  }
  return "";
}

}  // namespace weir::cli
