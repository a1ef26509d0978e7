// Asking the weir run of a weir.toml, by its control socket.
#pragma once

#include <weir/result.h>

#include <nlohmann/json.hpp>

#include "settings.h"

namespace weir::cli {

// The answer to a question such as {"verb":"status"}. kUnavailable: no daemon runs for this
// weir.toml, or it does not answer.
Result<nlohmann::ordered_json> ask_weir_run(const SettingFlags& settings,
                                            const nlohmann::ordered_json& question);

}  // namespace weir::cli
