#include "daemon/sources/fetched_rows.h"

#include <optional>
#include <utility>

#include "input/setting_words.h"

namespace weir::daemon {

Result<RowHandover> deliver_fetched(SourceDelivery& delivery, const cli::TemporaryInput& bytes,
                                    FileKind kind, std::string_view pointer,
                                    const cli::RowSourceOptions& options, const std::string& name) {
  std::optional<cli::TemporaryInput> lines;
  std::string path = bytes.path();
  cli::RowSourceOptions with_known = options;
  if (kind == FileKind::kJson) {
    Result<cli::TemporaryInput> converted = ndjson_of_json(path, pointer, options.format.encoding);
    if (!converted) return cli::with_settings(with_name(converted.error(), path, name));
    lines.emplace(std::move(*converted));
    path = lines->path();
    kind = FileKind::kNdjson;
    with_known.format.encoding = cli::Encoding::kUtf8;
  }
  with_known.known_columns = [&] { return delivery.known_columns(); };
  // A document of JSON has an end of its own, and here each of its objects has a line.
  Result<RowHandover> handover = delivery.table(*file_rows(path, kind, with_known), {},
                                                open_end_of(path, kind, with_known.format, name));
  if (handover) return handover;
  // A line of the NDJSON is an item of the document.
  Error error = handover.error();
  if (lines) error = with_name(std::move(error), path + ", line ", name + ", item ");
  return with_name(std::move(error), path, name);
}

}  // namespace weir::daemon
