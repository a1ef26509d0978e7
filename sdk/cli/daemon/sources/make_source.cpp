#include "daemon/sources/make_source.h"

#include <utility>
#include <variant>

#include "daemon/sources/command_origin.h"
#include "daemon/sources/directory_origin.h"
#include "daemon/sources/file_origin.h"
#include "daemon/sources/http_origin.h"
#include "daemon/sources/query_origin.h"
#include "input/row_sources.h"

namespace weir::daemon {
namespace {

// A name of a file, whatever the data source is called.
std::string state_file_name(const std::string& id) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string name;
  for (const char c : id) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (is_plain) {
      name += c;
    } else {
      name += {'%', kDigits[byte / 16], kDigits[byte % 16]};
    }
  }
  return name;
}

// The rows of one user at a time, asked for when that user's device asks.
std::shared_ptr<RowSource> rows_by_user(const SourceConfig& config, const QueryOrigin& query) {
  return cli::sql_source(full_address(query.database), query.query,
                         {.key = config.key,
                          .columns = config.columns,
                          .longest_query = query.timeout,
                          .advises_settings = true});
}

struct MakeOrigin {
  const OrgParts& parts;
  const SourceConfig& config;
  const std::shared_ptr<FolderWatch>& watch;
  const Waker& waker;

  using Made = Result<std::unique_ptr<OriginReader>>;

  Made operator()(const FileOrigin& file) const {
    return make_file_origin(config, file, watch, waker);
  }
  Made operator()(const DirectoryOrigin& directory) const {
    if (config.deliver != Deliver::kPush && directory.content == DirectoryOrigin::Content::kChanges)
      return Error{.code = ErrorCode::kInvalidConfig,
                   .message = "source " + config.id +
                              ": Platform Sync serves whole tables, and a directory of changes has "
                              "none; set content = \"snapshot\" or deliver = \"push\""};
    return make_directory_origin(config, directory, watch, waker);
  }
  Made operator()(const QueryOrigin& query) const {
    return make_query_origin(config, query, zone());
  }
  Made operator()(const CommandOrigin& command) const {
    return make_command_origin(config, command, parts.config.name, zone());
  }
  Made operator()(const HttpOrigin& document) const {
    return make_http_origin(config, document, zone());
  }

  const std::string& zone() const { return parts.config.client.time_zone; }
};

}  // namespace

std::shared_ptr<ServedTable> served_table(const std::string& state_directory,
                                          const std::string& organization,
                                          const SourceConfig& config) {
  std::string path = state_directory + "/served";
  if (!organization.empty()) path += "-" + state_file_name(organization);
  path += "." + state_file_name(config.id) + ".rows";
  return std::make_shared<ServedTable>(std::move(path), config.id,
                                       config.served.value_or(ServedConfig()));
}

Result<MadeSource> make_source(const OrgParts& parts, const SourceConfig& config,
                               const std::shared_ptr<FolderWatch>& watch, Waker waker,
                               Delivering delivering) {
  MadeSource made;
  if (!config.origin) return made;
  if (const auto* query = std::get_if<QueryOrigin>(&*config.origin);
      query != nullptr && cli::asks_for_user(query->database.address, query->query)) {
    if (config.deliver != Deliver::kSync)
      return Error{.code = ErrorCode::kInvalidConfig,
                   .message = "source " + config.id +
                              ": a query with :email gives the rows of one user, so it can only be "
                              "served: set deliver = \"sync\""};
    made.served = rows_by_user(config, *query);
    return made;
  }
  Result<std::unique_ptr<OriginReader>> origin =
      std::visit(MakeOrigin{parts, config, watch, waker}, *config.origin);
  if (!origin) return origin.error();
  std::shared_ptr<ServedTable> served;
  if (config.deliver != Deliver::kPush)
    served = served_table(parts.daemon.state_directory, parts.config.name, config);
  made.task = std::make_unique<SourceTask>(parts, config, std::move(*origin), served,
                                           std::move(waker), delivering);
  made.served = std::move(served);
  return made;
}

}  // namespace weir::daemon
