#include "http_server.h"

#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <stop_token>
#include <thread>
#include <utility>

#include "connection_scope.h"
#include "control.h"
#include "file_route.h"
#include "form_wire.h"
#include "other_paths.h"
#include "parameters.h"
#include "portal_page.h"
#include "socket_reset.h"

namespace weir::mock {
namespace {

using httplib::Request;
using httplib::Response;

// Far more threads than connections allowed, so that the one too many is refused at once and
// control calls get through.
constexpr std::size_t kThreads = 64;
constexpr std::size_t kMostBodyBytes = 64 * 1024 * 1024;
constexpr std::int64_t kLargestPage = 1250;
constexpr std::chrono::milliseconds kBetweenLooks{25};
constexpr int kLooksBeforeTheEnd = 10;

bool is_below_api(const std::string& path) { return same_name(path.substr(0, 5), "/api/"); }

bool is_metered(const std::string& path) {
  const bool is_file = same_name(path, kFilePath) || same_name(path, std::string(kFilePath) + "/");
  return is_below_api(path) && !is_file;
}

Selector selector_of(const Request& request) {
  return {.id = parameter(request, "Id"),
          .external_id = parameter(request, "ExternalId"),
          .name = parameter(request, "Name")};
}

// The library's own choice, SO_REUSEPORT, would let two servers share a port without a word.
void reuse_address(socket_t socket) {
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
}

// One task is one socket's whole life.
class SocketQueue final : public httplib::TaskQueue {
 public:
  explicit SocketQueue(bool idle_counts) : idle_counts_(idle_counts) {}

  // Nothing, or in later versions of the library whether there was room.
  using Enqueued = decltype(std::declval<httplib::ThreadPool&>().enqueue({}));

  Enqueued enqueue(std::function<void()> serve) override {
    return pool_.enqueue([this, serve = std::move(serve)] {
      const ConnectionScope scope(idle_counts_);
      serve();
    });
  }
  void shutdown() override { pool_.shutdown(); }

 private:
  const bool idle_counts_;
  httplib::ThreadPool pool_{kThreads};
};

}  // namespace

class HttpServer::Impl {
 public:
  explicit Impl(Companies& companies) : companies_(companies) {
    server_.new_task_queue = [this] {
      return new SocketQueue(companies_.first().options().idle_counts);
    };
    server_.set_socket_options([](socket_t socket) { reuse_address(socket); });
    server_.set_tcp_nodelay(true);  // the last byte leaves on its own and must not wait
    server_.set_payload_max_length(kMostBodyBytes);
    server_.set_keep_alive_max_count(1000);
    server_.set_pre_routing_handler(
        [this](const Request& request, Response&) { return before_body(request); });
    server_.set_exception_handler(
        [](const Request&, Response& response, const std::exception_ptr&) {
          response.status = 500;
          response.set_content("{}", "application/json");
        });
    add_api();
    add_control_routes(server_, companies_);
    add_portal_routes(server_, companies_);
  }

  bool start(int port) {
    port_ = port == 0 ? server_.bind_to_any_port("127.0.0.1")
                      : (server_.bind_to_port("127.0.0.1", port) ? port : -1);
    if (port_ <= 0) return false;
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // The library ignores a stop that comes before it runs.
    while (!server_.is_running()) std::this_thread::yield();
    return true;
  }

  void stop() {
    if (!thread_.joinable()) return;
    for (const auto& platform : companies_.all()) {
      platform->faults().stop();
      platform->form_connector().stop();
      platform->meter().stop();
    }
    await_answers();
    server_.stop();
    const std::jthread ending([this](const std::stop_token& stopped) { end_all(stopped); });
    thread_.join();
  }

  int port() const { return port_; }

 private:
  // The library cuts off what is under way when it stops, so metered answers get a moment before.
  void await_answers() const {
    for (int look = 0; look < kLooksBeforeTheEnd; ++look) {
      const bool is_idle =
          std::all_of(companies_.all().begin(), companies_.all().end(),
                      [](const auto& platform) { return platform->meter().connections() == 0; });
      // A connection is given back just before the last byte of its answer.
      std::this_thread::sleep_for(kBetweenLooks);
      if (is_idle) return;
    }
  }

  // Connections that a client keeps, for which the library would wait five seconds.
  void end_all(const std::stop_token& stopped) const {
    while (!stopped.stop_requested()) {
      end_connections(port_);
      std::this_thread::sleep_for(kBetweenLooks);
    }
  }

  httplib::Server::HandlerResponse before_body(const Request& request) {
    // Which of several organizations asks, a body may have to tell.
    const std::string company = parameter(request, "CompanyId");
    if (is_metered(request.path) && (!companies_.are_several() || !company.empty()))
      begin(companies_.answering(company), request);
    return httplib::Server::HandlerResponse::Unhandled;
  }

  static void begin(Platform& platform, const Request& request) {
    ConnectionScope::current().begin(
        platform.meter(),
        {.time = platform.clock().now(), .method = request.method, .target = request.path});
  }

  Platform& platform_of(const Request& request) {
    return companies_.are_several() ? companies_.answering(caller_of(request).company_id)
                                    : companies_.first();
  }

  void add_api() {
    server_.Put(any_case("/api/v2/datasource"),
                [this](const Request& in, Response& out) { put_data_source(in, out); });
    server_.Get(any_case("/api/v2/datasource"),
                [this](const Request& in, Response& out) { get_data_source(in, out); });
    server_.Get(any_case("/api/v2/formentry/search"),
                [this](const Request& in, Response& out) { search_form_entries(in, out); });
    add_file_route(server_, companies_, port_);
    const auto other = [this](const Request& in, Response& out) { other_path(in, out); };
    constexpr const char* kAnyApi = "/[aA][pP][iI]/.*";
    server_.Get(kAnyApi, other)
        .Put(kAnyApi, other)
        .Post(kAnyApi, other)
        .Patch(kAnyApi, other)
        .Delete(kAnyApi, other);
    server_.Options(kAnyApi, other);
  }

  void put_data_source(const Request& in, Response& out) {
    respond(in, out, [&](Platform& platform) {
      const bool is_json = in.get_header_value("Content-Type").find("json") != std::string::npos;
      if (!is_json && !platform.options().any_content_type) {
        return platform.answer(
            call_that_fails(platform, in,
                            {.message = "A body without Content-Type: application/json is read "
                                        "as XML, which the mock server does not understand"}));
      }
      const auto parsed = read_put(in.body, platform.options().cells);
      if (const auto* error = std::get_if<ApiError>(&parsed))
        return platform.answer(call_that_fails(platform, in, *error));
      const auto& request = std::get<PutRequest>(parsed);
      return platform.answer({.company_id = request.company_id,
                              .integration_key = request.integration_key,
                              .selector = request.selector,
                              .method = in.method,
                              .writes = true,
                              .work = [&] { return platform.put(request); }});
    });
  }

  // Nothing is known of a body that cannot be read, not even the key, so it is refused for its
  // form.
  static Call call_that_fails(const Platform& platform, const Request& in, const ApiError& error) {
    return {.company_id = std::to_string(platform.options().company_id),
            .integration_key = platform.options().integration_key,
            .method = in.method,
            .work = [error] { return error_reply(error); }};
  }

  void get_data_source(const Request& in, Response& out) {
    respond(in, out, [&](Platform& platform) {
      const PageQuery query{
          .return_rows = same_name(parameter(in, "ReturnRows"), "true"),
          .names_columns = platform.options().headers_without_rows,
          .page_size = std::clamp<std::int64_t>(number_of(parameter(in, "PageSize"), kLargestPage),
                                                1, kLargestPage),
          .page_number = number_of(parameter(in, "PageNo"), 0)};
      const Selector selector = selector_of(in);
      return platform.answer({.company_id = parameter(in, "CompanyId"),
                              .integration_key = parameter(in, "IntegrationKey"),
                              .selector = selector,
                              .method = in.method,
                              .work = [&] { return platform.get(selector, query); }});
    });
  }

  void search_form_entries(const Request& in, Response& out) {
    respond(in, out, [&](Platform& platform) {
      const auto parsed =
          read_form_query([&](const std::string& name) { return parameter(in, name); });
      const auto* error = std::get_if<ApiError>(&parsed);
      const FormQuery query = error != nullptr ? FormQuery{} : std::get<FormQuery>(parsed);
      return platform.answer({.company_id = parameter(in, "CompanyId"),
                              .integration_key = parameter(in, "IntegrationKey"),
                              .form = query.form,
                              .method = in.method,
                              .work = [&, error] {
                                return error != nullptr ? error_reply(*error)
                                                        : platform.search(query);
                              }});
    });
  }

  // What the mock has no data for: an empty answer, where it is asked to give one.
  void other_path(const Request& in, Response& out) {
    respond(in, out, [&](Platform& platform) {
      if (platform.options().other_paths_canned && is_other_path(in.path)) {
        const Caller caller = caller_of(in);
        return platform.answer({.company_id = caller.company_id,
                                .integration_key = caller.integration_key,
                                .work = [] { return Reply{}; }});
      }
      return platform.answer(call_that_fails(platform, in,
                                             {.status = 405,
                                              .code = "NotImplementedException",
                                              .message = "There is no such endpoint"}));
    });
  }

  // Answers a metered request: refused, or by `work`.
  template <class Work>
  void respond(const Request& in, Response& out, Work&& work) {
    Platform& platform = platform_of(in);
    if (!ConnectionScope::current().has_begun()) begin(platform, in);
    MeteredRequest request = ConnectionScope::current().take();
    const Reply reply =
        request.verdict == Verdict::kAdmitted ? work(platform) : platform.refusal(request.verdict);
    LogEntry entry = std::move(request.entry);
    if (!reply.target.empty()) entry.target += " " + reply.target;
    entry.rows = reply.rows;
    entry.reason = reply.reason;
    if (reply.has_answer()) entry.status = reply.status;
    request.meter->finish(std::move(entry), request.verdict);
    if (!reply.has_answer()) {
      if (request.connection) request.connection->release();
      reset_connection(port_, in.remote_port);
    }
    if (reply.delivery == Reply::Delivery::kCrash) end_connections(port_);
    write(platform, out, reply, std::move(request.connection));
  }

  // The connection is free just before the last byte, so whoever has read the whole answer may send
  // the next request.
  static void write(Platform& platform, Response& out, const Reply& reply,
                    std::shared_ptr<HeldConnection> connection) {
    out.status = reply.status;
    out.set_header("Date", format_http_date(platform.clock().now()));
    const bool truncated = reply.delivery == Reply::Delivery::kTruncated;
    out.set_content_provider(reply.body.size(), "application/json; charset=utf-8",
                             [body = reply.body, connection = std::move(connection), truncated](
                                 std::size_t offset, std::size_t, httplib::DataSink& sink) {
                               const std::size_t last = body.size() - 1;
                               if (truncated) {
                                 if (offset == 0) sink.write(body.data(), body.size() / 2);
                                 return false;
                               }
                               if (offset < last)
                                 return sink.write(body.data() + offset, last - offset);
                               if (connection) connection->release();
                               return sink.write(body.data() + last, 1);
                             });
  }

  Companies& companies_;
  httplib::Server server_;
  std::thread thread_;
  int port_ = -1;
};

HttpServer::HttpServer(Companies& companies) : impl_(std::make_unique<Impl>(companies)) {}
HttpServer::~HttpServer() { impl_->stop(); }
bool HttpServer::start(int port) { return impl_->start(port); }
int HttpServer::port() const { return impl_->port(); }
void HttpServer::stop() { impl_->stop(); }

}  // namespace weir::mock
