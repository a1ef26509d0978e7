// The check of a file of certificate authorities, before anything is connected. Thread-safe.
#pragma once

#include <weir/result.h>

#include <string>

namespace weir::http {

// kInvalidConfig: it cannot be read, or is not made of whole certificates in PEM.
Result<void> check_ca_file(const std::string& path);

}  // namespace weir::http
