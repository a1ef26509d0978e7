#include "mock_server.h"

#include <utility>

#include "companies.h"
#include "http_server.h"

namespace weir::mock {

class MockServer::Impl {
 public:
  explicit Impl(std::unique_ptr<Companies> played)
      : companies(std::move(played)), platform(companies->first()), http(*companies) {}

  std::unique_ptr<Companies> companies;
  Platform& platform;
  HttpServer http;
};

std::unique_ptr<MockServer> MockServer::start(const Options& options, std::string* problem) {
  std::string ignored;
  std::string& why = problem != nullptr ? *problem : ignored;
  std::unique_ptr<Companies> companies = Companies::make(options, why);
  if (!companies) return nullptr;
  auto impl = std::make_unique<Impl>(std::move(companies));
  if (!impl->http.start(options.port)) {
    why = "cannot listen on 127.0.0.1:" + std::to_string(options.port) + "; is the port taken?";
    return nullptr;
  }
  return std::unique_ptr<MockServer>(new MockServer(std::move(impl)));
}

MockServer::MockServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MockServer::~MockServer() { impl_->http.stop(); }

std::string MockServer::url() const {
  return "http://127.0.0.1:" + std::to_string(impl_->http.port());
}
Usage MockServer::usage() const { return impl_->platform.meter().usage(); }
VirtualClock& MockServer::clock() { return impl_->platform.clock(); }
Faults& MockServer::faults() { return impl_->platform.faults(); }
void MockServer::add_file(const std::string& entry, const std::string& name,
                          const EntryFile& file) {
  impl_->platform.files().add(entry, name, file, impl_->platform.clock().now());
}

FormConnector& MockServer::form_connector() { return impl_->platform.form_connector(); }

std::vector<std::string> MockServer::receive(const std::vector<FormEntry>& entries) {
  return impl_->platform.receive(entries);
}

std::optional<std::vector<std::vector<std::string>>> MockServer::rows(
    const std::string& external_id) const {
  std::optional<std::vector<std::vector<std::string>>> rows;
  impl_->platform.data_sources().with({.external_id = external_id}, [&](DataSourceTable& table) {
    rows.emplace(table.rows().begin(), table.rows().end());
  });
  return rows;
}

}  // namespace weir::mock
