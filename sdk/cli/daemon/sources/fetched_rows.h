// What a command or a server has handed over whole, as rows, to the delivery.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "daemon/sources/delivery.h"
#include "daemon/sources/file_rows.h"

namespace weir::daemon {

// What may be handed over whole, so that nobody fills the disk.
inline constexpr std::size_t kMostFetchedBytes = std::size_t{256} * 1024 * 1024;

// `name` is what messages call it; `pointer` as in ndjson_of_json().
Result<RowHandover> deliver_fetched(SourceDelivery& delivery, const cli::TemporaryInput& bytes,
                                    FileKind kind, std::string_view pointer,
                                    const cli::RowSourceOptions& options, const std::string& name);

}  // namespace weir::daemon
