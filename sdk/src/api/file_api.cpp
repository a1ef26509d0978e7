#include "api/file_api.h"

#include <charconv>
#include <string_view>

#include "api/answer_headers.h"

namespace weir::api {
namespace {

constexpr std::string_view kBytes = "bytes ";

// A file that was changed a moment before it was served may be changed again within the same
// second, which is all that Last-Modified tells (RFC 9110, 8.8.2.2).
constexpr std::chrono::seconds kSurelyOlder{60};

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

bool is_entity_tag(std::string_view version) { return version.starts_with('"'); }

// A weak validator does not promise the same bytes.
std::string version_of(const HttpResponse& head) {
  const std::string_view tag = head.header("etag");
  if (!tag.empty()) return is_entity_tag(tag) ? std::string(tag) : std::string();
  const auto changed = last_modified(head);
  const auto served = served_at(head);
  if (!changed || !served || *served - *changed < kSurelyOlder) return {};
  return std::string(head.header("last-modified"));
}

// "bytes 100-199/200" or "bytes 100-199/*".
std::optional<FilePart> parse_content_range(std::string_view text) {
  if (!text.starts_with(kBytes)) return std::nullopt;
  text.remove_prefix(kBytes.size());
  const std::size_t dash = text.find('-');
  const std::size_t slash = text.find('/');
  if (dash == std::string_view::npos || slash == std::string_view::npos || dash > slash)
    return std::nullopt;
  const auto from = number_of(text.substr(0, dash));
  if (!from) return std::nullopt;
  return FilePart{.from = *from, .total = number_of(text.substr(slash + 1))};
}

Error unusable(const std::string& why) {
  return {.code = ErrorCode::kBadResponse,
          .message = "the platform sent " + why,
          .may_have_been_sent = true};
}

}  // namespace

HttpRequest file_request(const Credentials& credentials, const FileRequest& file) {
  HttpRequest request;
  request.method = "GET";
  request.path = "/api/v2/formentry/file";
  request.query = {{"EntryId", file.entry_id},
                   {"Filename", file.file_name},
                   {"CompanyId", std::to_string(credentials.company_id)},
                   {"IntegrationKey", std::string(credentials.integration_key.reveal())}};
  if (file.from > 0 || file.most > 0) {
    const std::string last = file.most > 0 ? std::to_string(file.from + file.most - 1) : "";
    request.headers = {{"Range", "bytes=" + std::to_string(file.from) + "-" + last}};
  }
  if (file.from > 0) request.headers.emplace_back("If-Range", file.version);
  request.target = file.entry_id + "/" + file.file_name;
  request.reason = "download";
  return request;
}

Result<FilePart> parse_file_part(const HttpResponse& head) {
  const std::string_view coding = head.header("content-encoding");
  if (!coding.empty() && coding != "identity")
    return unusable("the file in the coding " + std::string(coding) + ", which was not asked for");
  FilePart part{.total = number_of(head.header("content-length"))};
  if (head.status == 206) {
    const std::optional<FilePart> range = parse_content_range(head.header("content-range"));
    if (!range) return unusable("a part of the file without saying which");
    part = *range;
    part.is_partial = true;
  }
  part.version = version_of(head);
  return part;
}

// The answer to a conditional request need not repeat Last-Modified, but it must repeat the tag.
bool is_of_version(const FilePart& part, const std::string& version) {
  if (part.version.empty()) return !is_entity_tag(version);
  return part.version == version;
}

std::optional<std::int64_t> size_when_out_of_range(const HttpResponse& response) {
  std::string_view range = response.header("content-range");
  if (response.status != 416 || !range.starts_with("bytes */")) return std::nullopt;
  range.remove_prefix(std::string_view("bytes */").size());
  return number_of(range);
}

}  // namespace weir::api
