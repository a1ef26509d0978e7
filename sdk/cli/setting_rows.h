// The rows of the table of settings (setting_table.h), by what they are about.
#pragma once

#include "setting_table.h"

namespace weir::cli {

std::span<const Setting> settings_of_organizations();
std::span<const Setting> settings_of_daemon();
std::span<const Setting> settings_of_service();

}  // namespace weir::cli
