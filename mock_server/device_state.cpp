#include "device_state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace weir::mock {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

DeviceState from_json(const json& file) {
  DeviceState state{.company_id = file.at("company_id").get<std::int64_t>(),
                    .email = file.at("email").get<std::string>(),
                    .last_updated = file.at("last_updated").get<std::string>()};
  for (const auto& [id, source] : file.at("sources").items()) {
    state.sources[id] = {.last_updated = source.at("last_updated").get<std::string>(),
                         .rows = source.at("rows").get<std::vector<Row>>()};
  }
  return state;
}

ordered_json to_json(const DeviceState& state) {
  ordered_json sources = ordered_json::object();
  for (const auto& [id, source] : state.sources)
    sources[id] = {{"last_updated", source.last_updated}, {"rows", source.rows}};
  return {{"company_id", state.company_id},
          {"email", state.email},
          {"last_updated", state.last_updated},
          {"sources", sources}};
}

std::string text_of(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

// Rows are somebody's business: the file is for its owner only.
bool write_whole(const std::string& path, const std::string& content) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return false;
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t wrote = ::write(file, content.data() + done, content.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) break;
    done += static_cast<std::size_t>(wrote);
  }
  const bool whole = done == content.size() && ::fsync(file) == 0;
  return ::close(file) == 0 && whole;
}

bool sync_folder(const std::string& path) {
  const std::string folder = std::filesystem::absolute(path).parent_path().string();
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool synced = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return synced;
}

}  // namespace

std::variant<DeviceState, std::string> load_state(const std::string& path, std::int64_t company_id,
                                                  const std::string& email) {
  if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT)
    return DeviceState{.company_id = company_id, .email = email};
  std::ifstream file(path, std::ios::binary);
  if (!file) return "the state file " + path + " cannot be read: " + std::strerror(errno);
  const std::string content((std::istreambuf_iterator<char>(file)), {});
  try {
    DeviceState state = from_json(json::parse(content));
    if (state.company_id == company_id && state.email == email) return state;
    return "the state file " + path + " is of another company or user; give each its own";
  } catch (const json::exception&) {
    return "the state file " + path + " is not one of weir-mock-device; move it away to start anew";
  }
}

std::string save_state(const std::string& path, const DeviceState& state) {
  const std::string unfinished = path + ".new";
  if (write_whole(unfinished, text_of(to_json(state))) &&
      std::rename(unfinished.c_str(), path.c_str()) == 0 && sync_folder(path)) {
    return "";
  }
  return "the state file " + path + " cannot be written: " + std::strerror(errno);
}

std::string print_state(const DeviceState& state, const std::vector<std::string>& ids) {
  ordered_json rows = ordered_json::object();
  for (const std::string& id : ids) {
    const auto found = state.sources.find(id);
    rows[id] = found == state.sources.end() ? std::vector<Row>() : found->second.rows;
  }
  const ordered_json last =
      state.last_updated.empty() ? ordered_json() : ordered_json(state.last_updated);
  return text_of({{"last_updated", last}, {"rows", rows}});
}

}  // namespace weir::mock
