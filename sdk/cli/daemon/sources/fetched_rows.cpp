#include "daemon/sources/fetched_rows.h"

#include <optional>
#include <utility>

namespace weir::daemon {

Result<RowHandover> deliver_fetched(SourceDelivery& delivery, const cli::TemporaryInput& bytes,
                                    FileKind kind, std::string_view pointer,
                                    const cli::RowSourceOptions& options, const std::string& name) {
  std::optional<cli::TemporaryInput> lines;
  std::string path = bytes.path();
  if (kind == FileKind::kJson) {
    Result<cli::TemporaryInput> converted = ndjson_of_json(path, pointer);
    if (!converted) return with_name(converted.error(), path, name);
    lines.emplace(std::move(*converted));
    path = lines->path();
    kind = FileKind::kNdjson;
  }
  cli::RowSourceOptions with_known = options;
  with_known.known_columns = [&] { return delivery.known_columns(); };
  // A document of JSON has an end of its own, and here each of its objects has a line.
  Result<RowHandover> handover = delivery.table(*file_rows(path, kind, with_known), {},
                                                open_end_of(path, kind, options.format, name));
  if (!handover) return with_name(handover.error(), path, name);
  return handover;
}

}  // namespace weir::daemon
