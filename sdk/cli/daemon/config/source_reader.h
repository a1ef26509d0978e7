// Reads [source.ID] and [poll.NAME] of an organization's table. What is wrong goes to the findings;
// what is returned then is not to be used.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/config/poll_config.h"
#include "daemon/config/source_config.h"
#include "daemon/config/table_reader.h"

namespace weir::daemon {

// `rule`: [sync.source.ID], which may stand instead of [source.ID.sync]; null: it does not.
// `ca_file`: the organization's.
SourceConfig read_source(const std::string& id, TableReader reader, const toml::table* rule,
                         const std::string& ca_file, std::vector<Finding>& findings);

PollConfig read_poll(const std::string& name, TableReader reader, const std::string& ca_file);

// secret_file of a webhook: a secret of Standard Webhooks.
Secret read_webhook_secret(TableReader& reader);

// How long something may take; at least a moment.
Milliseconds read_timeout(TableReader& reader, Milliseconds otherwise);

// columns of a data source: NAME, or NEW=COLUMN.
std::vector<cli::SourceColumn> read_columns(TableReader& reader);

// The program and its arguments; a program without a slash in it is looked for in PATH.
std::vector<std::string> read_command(TableReader& reader);

// rows of a data source: a JSON pointer to the array with them.
std::string read_pointer(TableReader& reader);

// follow of a data source with a database, whose query asks for changes then and only then.
std::optional<Follow> read_follow(TableReader& reader, std::vector<Finding>& findings);

// header_file of a data source, which holds the line of a header.
Secret read_header(TableReader& reader);

// database and password_file of a data source or poll.
DatabaseConfig read_database(TableReader& reader);

}  // namespace weir::daemon
