// Secrets that a settings file names: `…_file = "NAME"`.
#pragma once

#include <weir/result.h>
#include <weir/secret.h>

#include <string>

namespace weir::cli {

// A plain name is looked for among systemd's credentials ($CREDENTIALS_DIRECTORY) first, then, like
// every other relative path, beside the settings file. There its mode must be 0600 or stricter.
// "exec:/path" is a program that prints the secret in its first line; it runs only where nobody but
// this user and root could have changed it, the settings file and `named_in`, the file of an
// include that names it, if it is another one.
Result<Secret> read_secret_file(const std::string& settings_file, const std::string& named_in,
                                const std::string& name);

// Whether its file has more than the line that is the secret. Of a program nothing more is read.
bool has_further_lines(const std::string& settings_file, const std::string& name);

}  // namespace weir::cli
