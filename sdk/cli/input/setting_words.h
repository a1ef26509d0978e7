// What an error of a reader advises, in the words of the one who reads: weir push has flags; the
// daemon and weir serve have settings. Pure, thread-safe.
#pragma once

#include <weir/row_source.h>

#include <memory>
#include <string>

#include "input/row_sources.h"

namespace weir::cli {

// The flags of weir push in it, as settings of a source.
std::string with_settings(std::string message);

Error with_settings(Error error);

// The source with errors in the words that the options ask for.
std::unique_ptr<RowSource> in_words_of(const RowSourceOptions& options,
                                       std::unique_ptr<RowSource> source);

}  // namespace weir::cli
