// What push and apply have in common: a client for one command, sending what waits, and the report
// at the end.
#pragma once

#include <weir/client.h>

#include <functional>
#include <vector>

#include "commands/commands.h"
#include "output/progress.h"
#include "output/report.h"

namespace weir::cli {

// Prints the error and returns its exit code.
int fail(const Error& error, const OutputArguments& output);

// The error of a sending, and that nothing was lost: what waits goes with the next command.
Error with_waiting_rows(Error error, std::int64_t waiting, const std::string& zone);

// The error with the line of the file that it is about.
Error with_line(Error error, const std::string& file, const std::vector<std::size_t>& lines);

// Opens a client that sends only when told, and shows its calls on `progress`. Says on standard
// error what a person must know of the store: that it is new, or a copy.
Result<Client> open_client(const SettingFlags& settings, const OutputArguments& output,
                           Progress& progress, Needs needs = Needs::kCalls);

// The same with settings that have been read: a program that prints the key may do so once only.
Result<Client> open_client(const Settings& settings, const OutputArguments& output,
                           Progress& progress);

// Whether nothing at all is kept of the data source: then nothing stays of one that the platform
// does not know either.
Result<bool> is_unheard_of(Client& client, const std::string& source);

// Sends what waits for the data source, prints the report, and returns the exit code.
int send_and_report(Client& client, SendSummary summary, const OutputArguments& output);

// Sends nothing: tells the weir run of this weir.toml that changes wait, and prints the report.
int keep_and_report(Client& client, SendSummary summary, const SettingFlags& settings,
                    const OutputArguments& output);

// Prints the report alone.
void print(const SendSummary& summary, const OutputArguments& output);

}  // namespace weir::cli
