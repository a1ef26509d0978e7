#include <array>
#include <iostream>

#include "commands/commands.h"
#include "commands/sending.h"
#include "exit_code.h"
#include "input/input_bytes.h"
#include "output/call_report.h"
#include "signals.h"

namespace weir::cli {
namespace {

Error wrong_input(const std::string& message) {
  return {.code = ErrorCode::kInvalidArgument, .message = message};
}

// Whoever names a body does not mean the call without one.
Result<std::string> body_from(const std::string& file) {
  if (file.empty()) return std::string();
  Result<InputBytes> in = InputBytes::open(file);
  if (!in) return in.error();
  std::string text;
  std::array<char, 64 * 1024> piece = {};
  while (const std::size_t size = in->read(piece)) text.append(piece.data(), size);
  const bool is_there = text.find_first_not_of(" \t\r\n") != std::string::npos;
  if (is_there && !in->has_failed()) return text;
  return wrong_input((in->has_failed() ? "cannot read all of " : "nothing is in ") +
                     shown_input(file) + "; --body takes a file with a JSON object");
}

Result<ApiCall> call_meant(const CallArguments& arguments, const OutputArguments& output) {
  ApiCall call{.method = arguments.method,
               .path = arguments.path,
               .reason = arguments.reason,
               .deadline = output.wait};
  for (const std::string& parameter : arguments.query) {
    const std::size_t equals = parameter.find('=');
    if (equals == std::string::npos || equals == 0)
      return wrong_input("--query takes NAME=VALUE, not " + parameter);
    call.query.emplace_back(parameter.substr(0, equals), parameter.substr(equals + 1));
  }
  if (arguments.worth) call.worth = Worth::row_seconds(*arguments.worth);
  if (!arguments.to.empty()) call.to = std::filesystem::path(arguments.to);
  Result<std::string> body = body_from(arguments.body);
  if (!body) return body.error();
  call.body = std::move(*body);
  if (Result<void> usable = check_call(call); !usable) return usable.error();
  return call;
}

int exit_code_of_status(int status) {
  if (status / 100 == 2) return kOk;
  if (status == 401 || status == 403) return kAuthentication;
  return status / 100 == 5 ? kService : kOtherFailure;
}

void print(const CallSummary& summary, const std::string& body, const OutputArguments& output) {
  if (output.json) {
    std::cout << as_json(summary) << '\n';
    return;
  }
  std::cout << body;
  if (!body.empty() && body.back() != '\n') std::cout << '\n';
  if (!output.quiet) std::cerr << as_text(summary) << '\n';
}

}  // namespace

int call(const SettingFlags& settings, const CallArguments& arguments,
         const OutputArguments& output) {
  const Result<ApiCall> meant = call_meant(arguments, output);
  if (!meant) return fail(meant.error(), output), kUsage;
  if (arguments.dry_run) {
    std::cout << (output.json ? dry_run_as_json(*meant) : dry_run_as_text(*meant)) << '\n';
    return kOk;
  }
  Progress quiet(false);
  Result<Client> client = open_client(settings, output, quiet);
  if (!client) return fail(client.error(), output);
  const StopOnSignal stop(*client);
  const Result<ApiAnswer> answer = client->call(*meant);
  if (!answer) return fail(answer.error(), output);
  CallSummary summary{.method = meant->method,
                      .path = meant->path,
                      .to = answer->status / 100 == 2 ? arguments.to : "",
                      .status = answer->status,
                      .calls = answer->calls,
                      .bytes = answer->bytes};
  if (const Result<Usage> usage = client->usage()) summary.calls_left = usage->left;
  print(summary, answer->body, output);
  return exit_code_of_status(answer->status);
}

}  // namespace weir::cli
