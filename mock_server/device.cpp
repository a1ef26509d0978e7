#include "device.h"

#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "device_answer.h"

namespace weir::mock {

class Device::Impl {
 public:
  explicit Impl(const DeviceOptions& options) : options_(options), request_(options) {}

  std::optional<SyncProblem> sync(const std::string& id) {
    Source& source = sources_[id];
    const auto body = request_.get(id, source.last_updated);
    if (const auto* problem = std::get_if<SyncProblem>(&body)) return *problem;
    const auto answer = read_answer(std::get<std::string>(body));
    if (const auto* wrong = std::get_if<std::string>(&answer)) {
      return SyncProblem{.failure = SyncFailure::kBadAnswer,
                         .message = "the answer cannot be used: " + *wrong};
    }
    take(std::get<DeviceAnswer>(answer), id, source);
    return std::nullopt;
  }

  const DeviceOptions& options() const { return options_; }

  DeviceState state() const {
    DeviceState state{
        .company_id = options_.company_id, .email = options_.email, .last_updated = last_updated_};
    for (const auto& [id, source] : sources_)
      state.sources[id] = {.last_updated = source.last_updated, .rows = rows(id)};
    return state;
  }

  std::vector<Row> rows(const std::string& id) const {
    const auto found = sources_.find(id);
    if (found == sources_.end()) return {};
    const std::list<Row>& rows = found->second.rows.rows();
    return {rows.begin(), rows.end()};
  }

  void restore(const DeviceState& state) {
    last_updated_ = state.last_updated;
    sources_.clear();
    for (const auto& [id, kept] : state.sources) {
      sources_[id].last_updated = kept.last_updated;
      sources_[id].rows.replace(kept.rows);
    }
  }

 private:
  struct Source {
    std::string last_updated;
    KeyedRows rows;
  };

  // What the answer says of other data sources was not asked for.
  void take(const DeviceAnswer& answer, const std::string& id, Source& source) {
    const auto found = answer.sources.find(id);
    if (found != answer.sources.end()) apply(found->second, source.rows);
    source.last_updated = answer.last_updated;
    last_updated_ = answer.last_updated;
  }

  const DeviceOptions options_;
  DeviceRequest request_;
  std::string last_updated_;
  std::map<std::string, Source> sources_;
};

Device::Device(const DeviceOptions& options, const DeviceState& state)
    : impl_(std::make_unique<Impl>(options)) {
  restore(state);
}
Device::~Device() = default;

std::vector<SyncProblem> Device::sync() {
  std::vector<SyncProblem> problems;
  for (const std::string& id : impl_->options().ids) {
    if (auto problem = impl_->sync(id)) {
      problem->message = id + ": " + problem->message;
      problems.push_back(*std::move(problem));
    }
  }
  return problems;
}

DeviceState Device::state() const { return impl_->state(); }
std::vector<Row> Device::rows(const std::string& id) const { return impl_->rows(id); }
void Device::restore(const DeviceState& state) { impl_->restore(state); }

}  // namespace weir::mock
