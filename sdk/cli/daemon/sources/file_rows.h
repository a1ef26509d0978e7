// The rows of a file in one of the forms that an origin may have: CSV, NDJSON, or an array in a
// JSON document.
#pragma once

#include <weir/row_source.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/config/source_config.h"
#include "daemon/sources/delivery.h"
#include "input/row_sources.h"
#include "input/temporary_input.h"

namespace weir::daemon {

// What the table of a source says of its columns, for the readers.
cli::RowSourceOptions reader_options(const SourceConfig& config, const cli::TextFormat& format);

// A file of CSV or NDJSON that is read at every read().
std::unique_ptr<RowSource> file_rows(const std::string& path, FileKind kind,
                                     const cli::RowSourceOptions& options);

// Where its last line has no end, if it has none. `name` is what a person calls the file. Empty
// also when it cannot be read, which the reading tells.
std::optional<OpenEnd> open_end_of(const std::string& path, FileKind kind,
                                   const cli::TextFormat& format, const std::string& name);

// The objects of an array in a JSON document, as NDJSON: nested values become compact JSON text,
// and numbers keep their digits. `pointer` is a JSON pointer to the array; empty: the document is
// one. Memory is bounded by the largest object. kInvalidArgument: no JSON, no such array or two of
// them, or an item of it is no object.
Result<cli::TemporaryInput> ndjson_of_json(const std::string& path, std::string_view pointer,
                                           cli::Encoding encoding = cli::Encoding::kUtf8);

// An error of reading, with the name that a person knows in the place of the file's.
Error with_name(Error error, const std::string& path, const std::string& name);

}  // namespace weir::daemon
