// The values of settings: what a text means, and whether a value is of the type and in the range
// that its setting has. Pure, thread-safe.
#pragma once

#include <toml++/toml.h>
#include <weir/clock.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "setting_table.h"

namespace weir::cli {

// "must be a whole number", or what else is wrong with the value; empty when nothing is.
std::optional<std::string> value_problem(const Setting& setting, const toml::node& value);

// "from 1 to 1000", "from 1 on": the range of a whole number.
std::string range_of(const Setting& setting);

// What is wrong with a text as a store, such as ":memory:"; empty when nothing is.
std::optional<std::string> store_problem(std::string_view text);

// What is wrong with a text as a setting, such as a carriage return at its end; empty when nothing
// is.
std::optional<std::string> text_problem(std::string_view text);

// One text, or the texts of a list.
std::vector<std::string> texts_in(const toml::node& value);

// "15m"; the file's own times of day are no durations.
std::optional<Milliseconds> duration_of(std::string_view text);

// Bytes of "64KiB"; more than 0.
std::optional<std::int64_t> size_of(std::string_view text);

// Since midnight, of "06:00".
std::optional<std::chrono::minutes> time_of_day_of(std::string_view text);

// Percent of "80%".
std::optional<double> share_of(std::string_view text);

}  // namespace weir::cli
