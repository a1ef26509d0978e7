#include "file_route.h"

#include <httplib.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "connection_scope.h"
#include "parameters.h"
#include "socket_reset.h"

namespace weir::mock {
namespace {

using httplib::Request;
using httplib::Response;

constexpr std::int64_t kPieceBytes = 64 * 1024;

struct Part {
  std::int64_t from = 0;
  std::int64_t until = 0;
};

// What is asked for of a file: all of it unless the one range can be given, and of this version.
// Empty: no byte of the file lies in the range.
std::optional<Part> part_of(const Request& in, const EntryFile& file) {
  const Part whole{.from = 0, .until = file.size()};
  const std::string condition = in.get_header_value("If-Range");
  const bool is_same = condition.empty() ||
                       (file.validators &&
                        (condition == file.version || condition == format_http_date(file.changed)));
  if (in.ranges.size() != 1 || !file.ranges || !is_same) return whole;
  const auto [first, last] = in.ranges.front();
  if (first < 0)
    return Part{.from = std::max<std::int64_t>(0, file.size() - last), .until = file.size()};
  if (first >= file.size()) return std::nullopt;
  return Part{.from = first,
              .until = last < 0 ? file.size() : std::min<std::int64_t>(last + 1, file.size())};
}

class FileRoute {
 public:
  FileRoute(Platform& platform, const int& port) : platform_(platform), port_(port) {}

  void get(const Request& in, Response& out) const {
    const std::string entry = parameter(in, "EntryId");
    const std::string name = parameter(in, "Filename");
    out.set_header("Date", format_http_date(platform_.clock().now()));
    LogEntry line{.time = platform_.clock().now(),
                  .method = in.method,
                  .target = std::string(kFilePath) + " " + entry + "/" + name};
    std::shared_ptr<HeldConnection> connection;
    if (platform_.options().files_hold_connection) {
      if (!platform_.meter().admit_exempt())
        return finish(in, out, platform_.refusal(Verdict::kOverConnections), std::move(line));
      connection = std::make_shared<HeldConnection>(platform_.meter());
    }
    const auto file = platform_.files().find(entry, name);
    const Reply reply = platform_.answer({.company_id = parameter(in, "CompanyId"),
                                          .integration_key = parameter(in, "IntegrationKey"),
                                          .form = entry,
                                          .method = in.method,
                                          .is_metered = false,
                                          .work = [&] { return found(entry, name, file.get()); }});
    const bool has_file = reply.status == 200 && reply.has_answer();
    if (!has_file) return finish(in, out, reply, std::move(line));
    send(in, out, file, std::move(connection), reply, std::move(line));
  }

 private:
  static Reply found(const std::string& entry, const std::string& name, const EntryFile* file) {
    if (entry.empty() || name.empty())
      return error_reply({.message = "EntryId and Filename are required"});
    if (file == nullptr)
      return error_reply(
          {.status = 404, .message = "File '" + name + "' of entry '" + entry + "' was not found"});
    return {};
  }

  void log(LogEntry line, std::optional<int> status, const std::string& reason) const {
    line.status = status;
    line.reason = reason;
    platform_.meter().log_exempt(std::move(line));
  }

  void finish(const Request& in, Response& out, const Reply& reply, LogEntry line) const {
    log(std::move(line), reply.has_answer() ? reply.status : std::optional<int>(), reply.reason);
    if (!reply.has_answer()) reset_connection(port_, in.remote_port);
    if (reply.delivery == Reply::Delivery::kCrash) end_connections(port_);
    out.status = reply.status;
    out.set_content(reply.body, "application/json; charset=utf-8");
  }

  void send(const Request& in, Response& out, std::shared_ptr<const EntryFile> file,
            std::shared_ptr<HeldConnection> connection, const Reply& reply, LogEntry line) const {
    const std::string size = std::to_string(file->size());
    const auto part = part_of(in, *file);
    out.status = !part ? 416 : part->until - part->from == file->size() ? 200 : 206;
    log(std::move(line), out.status, reply.reason);
    out.set_header("Accept-Ranges", file->ranges ? "bytes" : "none");
    if (file->validators) {
      out.set_header("ETag", file->version);
      out.set_header("Last-Modified", format_http_date(file->changed));
    }
    if (!part) return out.set_header("Content-Range", "bytes */" + size);
    if (out.status == 206)
      out.set_header("Content-Range", "bytes " + std::to_string(part->from) + "-" +
                                          std::to_string(part->until - 1) + "/" + size);
    if (file->size() == 0) return out.set_content("", "application/octet-stream");
    out.set_header("Content-Length", std::to_string(part->until - part->from));
    const bool truncated = reply.delivery == Reply::Delivery::kTruncated;
    // Told no length, the library leaves ranges to us; that of Debian 13 takes each for one beyond
    // the end.
    const_cast<Request&>(in).ranges.clear();
    out.set_content_provider("application/octet-stream",
                             [file = std::move(file), connection = std::move(connection), truncated,
                              part = *part](std::size_t sent, httplib::DataSink& sink) {
                               return give_piece(*file, part, connection.get(), truncated, sent,
                                                 sink);
                             });
  }

  // The connection is free just before the last byte (http_server.cpp).
  static bool give_piece(const EntryFile& file, const Part& part, HeldConnection* connection,
                         bool truncated, std::size_t sent, httplib::DataSink& sink) {
    const std::int64_t at = part.from + static_cast<std::int64_t>(sent);
    const std::int64_t half = part.from + (part.until - part.from) / 2;
    const std::int64_t last = part.until - 1;
    const std::int64_t stop = truncated ? half : at < last ? last : part.until;
    if (at >= stop && truncated) return false;
    if (at == last && connection != nullptr) connection->release();
    const std::string piece = file.bytes(at, std::min(kPieceBytes, stop - at));
    if (!sink.write(piece.data(), piece.size())) return false;
    if (at + static_cast<std::int64_t>(piece.size()) == part.until) sink.done();
    return true;
  }

  Platform& platform_;
  const int& port_;
};

}  // namespace

void add_file_route(httplib::Server& server, Companies& companies, const int& port) {
  server.Get(any_case(kFilePath), [&](const Request& in, Response& out) {
    FileRoute(companies.answering(parameter(in, "CompanyId")), port).get(in, out);
  });
}

}  // namespace weir::mock
