// The report of `weir advise`: one JSON object, or a few sentences. Pure functions.
#pragma once

#include <weir/advice.h>

#include <string>

namespace weir::cli {

std::string as_json(const AdviceReport& report);
std::string as_text(const AdviceReport& report);

}  // namespace weir::cli
