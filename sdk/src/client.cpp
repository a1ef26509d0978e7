#include <weir/client.h>

#include <utility>

#include "core.h"

namespace weir {

Result<Client> Client::open(ClientOptions options) {
  Result<std::shared_ptr<Core>> core = Core::open(std::move(options));
  if (!core) return core.error();
  return Client(std::move(*core));
}

Client::Client(std::shared_ptr<Core> core) : core_(std::move(core)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

// Handles on data sources may still share the core, so its thread is stopped here and not only with
// the core.
Client::~Client() {
  if (!core_) return;
  if (core_->is_forked()) {
    // Threads, database and locks are the parent's: nothing of them may be touched, so it stays.
    core_->keep_for_ever(core_);
    return;
  }
  core_->stop();
}

DataSource Client::data_source(std::string id) { return DataSource(core_, std::move(id)); }

FormEntries Client::form_entries(std::string form) { return FormEntries(core_, std::move(form)); }

Result<SendReport> Client::drain(std::chrono::milliseconds deadline) {
  return core_->send(std::nullopt, deadline, nullptr);
}

Result<std::optional<TimePoint>> Client::send_due() { return core_->send_due(); }

Result<std::optional<TimePoint>> Client::poll_due() { return core_->poll_due(); }

Result<OutboxContents> Client::outbox() const { return core_->outbox(); }

Result<std::int64_t> Client::retry(const DeadLetterChoice& choice) { return core_->retry(choice); }

Result<std::int64_t> Client::drop(const DeadLetterChoice& choice) { return core_->drop(choice); }

Result<Usage> Client::usage() const { return core_->usage(); }

Result<AdviceReport> Client::advise() const { return core_->advise(); }

Result<void> Client::calibrate(std::int64_t calls_today) { return core_->calibrate(calls_today); }

Result<DownloadReport> Client::download(const FileDownload& file) { return core_->download(file); }

void Client::request_stop() { core_->request_stop(); }

}  // namespace weir
