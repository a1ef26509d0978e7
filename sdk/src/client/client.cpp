#include <weir/client.h>

#include <utility>

#include "client/core.h"

namespace weir {

Result<Client> Client::open(ClientOptions options) {
  Result<std::shared_ptr<Core>> core = Core::open(std::move(options));
  if (!core) return core.error();
  return Client(std::move(*core));
}

Result<void> Client::check(ClientOptions options) {
  return Core::check_options(std::move(options));
}

Client::Client(std::shared_ptr<Core> core) : core_(std::move(core)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client other) noexcept {
  core_.swap(other.core_);
  return *this;
}

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

EntryQueue Client::entry_queue(std::string name) { return EntryQueue(core_, std::move(name)); }

Result<SendReport> Client::drain(std::chrono::milliseconds deadline) {
  return core_->send(std::nullopt, deadline, nullptr);
}

Result<std::optional<TimePoint>> Client::send_due() { return core_->send_due(); }

Result<std::optional<TimePoint>> Client::poll_due() { return core_->poll_due(); }

Result<std::vector<std::string>> Client::known_sources() const { return core_->known_sources(); }
Result<KeptOfSource> Client::kept(const std::string& source) const { return core_->kept(source); }

Result<KeptOfSource> Client::forget(const std::string& source) { return core_->forget(source); }

std::optional<TimePoint> Client::next_due() const { return core_->next_due(); }

Result<std::optional<TimePoint>> Client::run_due() { return core_->run_due(); }

Result<ApiAnswer> Client::call(const ApiCall& call) { return core_->call(call); }

Result<Health> Client::health() const { return core_->health(); }

Result<OutboxContents> Client::outbox() const { return core_->outbox(); }

Result<std::int64_t> Client::retry(const DeadLetterChoice& choice) { return core_->retry(choice); }

Result<std::int64_t> Client::drop(const DeadLetterChoice& choice) { return core_->drop(choice); }

Result<std::vector<QueuedEntry>> Client::queued_entries(const EntryChoice& choice) const {
  return core_->list_entries(choice);
}

Result<std::int64_t> Client::retry_entries(const EntryChoice& choice) {
  return core_->retry_entries(choice);
}

Result<std::int64_t> Client::drop_entries(const EntryChoice& choice) {
  return core_->drop_entries(choice);
}

Result<WaitReason> Client::why(const std::string& source) const { return core_->why(source); }

Result<Usage> Client::usage() const { return core_->usage(); }

Result<std::vector<CallsOfDay>> Client::calls_by_day() const { return core_->calls_by_day(); }

Result<std::vector<std::string>> Client::check_store() const { return core_->check_store(); }

StoreState Client::store_state() const { return core_->store_state(); }

Result<AdviceReport> Client::advise() const { return core_->advise(); }

Result<void> Client::calibrate(std::int64_t calls_today) { return core_->calibrate(calls_today); }

Result<std::vector<Note>> Client::notes(const std::string& scope) const {
  return core_->notes(scope);
}

Result<void> Client::keep_notes(const std::vector<Note>& notes) { return core_->keep_notes(notes); }

Result<std::optional<Claim>> Client::claim(const std::string& name) { return core_->claim(name); }

Result<DownloadReport> Client::download(const FileDownload& file) { return core_->download(file); }

void Client::request_stop() { core_->request_stop(); }

}  // namespace weir
