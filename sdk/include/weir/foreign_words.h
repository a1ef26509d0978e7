// Words in messages that are not Weir's own: what a platform, a program or a database says, and
// what stands in rows. They are quoted “like this”, so that a log and a page can leave them out.
// Pure, thread-safe.
#pragma once

#include <weir/export.h>

#include <string>
#include <string_view>

namespace weir::inline v0 {

// The words in their quotes; such quotes within become ".
WEIR_EXPORT std::string foreign_words(std::string_view words);

// The message with "…" in the place of what is quoted so. Quotes that are not closed, as of a
// message that was cut off, reach to the end.
WEIR_EXPORT std::string without_foreign_words(std::string_view message);

}  // namespace weir::inline v0
