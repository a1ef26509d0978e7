// Platform Sync behind a web server of another kind, here GNU libmicrohttpd: SyncService::handle()
// takes the request line and gives back status, headers and a body in pieces.
//
//   WEIR_PRIVATE_TOKEN=… weir-platform-sync-other-server 12345
#include <microhttpd.h>
#include <weir/sync/sync_service.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>

namespace {

constexpr std::uint16_t kPort = 8089;
constexpr std::size_t kBlock = 64 * 1024;

class Codes final : public weir::RowSource {
 public:
  weir::Result<std::vector<std::string>> columns() override {
    return std::vector<std::string>{"code", "text"};
  }
  weir::Result<void> read(const weir::RowQuery&, const weir::RowSink& sink) override {
    if (auto taken = sink({"A", "Assessing"}); !taken) return taken;
    return sink({"C", "Crew on its way"});
  }
};

// The server asks for blocks of its own size.
struct Sending {
  std::unique_ptr<weir::SyncBody> body;
  std::string_view left;
};

ssize_t next_block(void* context, std::uint64_t, char* buffer, std::size_t size) {
  auto* sending = static_cast<Sending*>(context);
  if (sending->left.empty()) {
    const auto piece = sending->body->next();
    if (!piece) return MHD_CONTENT_READER_END_WITH_ERROR;
    if (piece->empty()) return MHD_CONTENT_READER_END_OF_STREAM;
    sending->left = *piece;
  }
  const std::size_t count = std::min(size, sending->left.size());
  std::memcpy(buffer, sending->left.data(), count);
  sending->left.remove_prefix(count);
  return static_cast<ssize_t>(count);
}

void end_sending(void* context) { delete static_cast<Sending*>(context); }

// The request line's target as it came, with the query string.
void* keep_target(void*, const char* target, MHD_Connection*) { return new std::string(target); }

void forget_target(void*, MHD_Connection*, void** target, MHD_RequestTerminationCode) {
  delete static_cast<std::string*>(*target);
}

// The parameters are those that libmicrohttpd calls it with.
// NOLINTNEXTLINE(readability-function-size)
MHD_Result answer(void* service, MHD_Connection* connection, const char*, const char* method,
                  const char*, const char*, std::size_t*, void** target) {
  const char* accepted =
      MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT_ENCODING);
  weir::SyncHttpAnswer answer = static_cast<weir::SyncService*>(service)->handle(
      {.method = method,
       .target = *static_cast<std::string*>(*target),
       .accept_encoding = accepted != nullptr ? accepted : ""});
  const std::uint64_t size = answer.body->size().value_or(MHD_SIZE_UNKNOWN);
  MHD_Response* response = MHD_create_response_from_callback(
      size, kBlock, &next_block, new Sending{std::move(answer.body), {}}, &end_sending);
  for (const auto& [name, value] : answer.headers)
    MHD_add_response_header(response, name.c_str(), value.c_str());
  const MHD_Result queued =
      MHD_queue_response(connection, static_cast<unsigned>(answer.status), response);
  MHD_destroy_response(response);
  return queued;
}

}  // namespace

int main(int argc, char** argv) {
  auto service = weir::SyncService::open({
      .company_id = argc == 2 ? std::atoll(argv[1]) : 0,
      .private_tokens = {weir::Secret::from_env("WEIR_PRIVATE_TOKEN")},
      .store = "platform-sync.db",
      .sources = {{.id = "CODES",
                   .rows = std::make_shared<Codes>(),
                   .rule = weir::UserRule::same_rows_for_all()}},
  });
  if (!service) {
    std::cerr << service.error().message << '\n';
    return 1;
  }
  MHD_Daemon* daemon = MHD_start_daemon(
      MHD_USE_INTERNAL_POLLING_THREAD, kPort, nullptr, nullptr, &answer, &*service,
      MHD_OPTION_URI_LOG_CALLBACK, &keep_target, nullptr, MHD_OPTION_NOTIFY_COMPLETED,
      &forget_target, nullptr, MHD_OPTION_CONNECTION_TIMEOUT, 10U, MHD_OPTION_END);
  if (daemon == nullptr) {
    std::cerr << "cannot listen on port " << kPort << '\n';
    return 1;
  }
  std::cout << "listening on port " << kPort << "; Enter ends it" << std::endl;
  std::cin.get();
  MHD_stop_daemon(daemon);
  return 0;
}
