#include <iostream>

#include "commands/commands.h"
#include "commands/sending.h"
#include "exit_code.h"

namespace weir::cli {

int usage(const SettingFlags& settings, const OutputArguments& output) {
  Progress progress(false);
  const Result<Client> client = open_client(settings, output, progress);
  if (!client) return fail(client.error(), output);
  const Result<Usage> usage = client->usage();
  if (!usage) return fail(usage.error(), output);
  std::cout << (output.json ? as_json(*usage) : as_text(*usage)) << '\n';
  return kOk;
}

}  // namespace weir::cli
