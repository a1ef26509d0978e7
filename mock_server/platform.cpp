#include "platform.h"

#include <csignal>
#include <utility>

#include "form_wire.h"

namespace weir::mock {
namespace {

constexpr std::size_t kLongestName = 200;

// Lock conflicts come in two forms, as clients of the real platform have met them.
ApiError lock_error(bool as_server_error) {
  if (as_server_error)
    return {.status = 500,
            .code = "CacheLockException",
            .message = "The lock is missing or has expired"};
  return {
      .status = 400,
      .code = "Exception",
      .message = "The data source is currently being updated and cannot be updated in parallel"};
}

// As the client wrote it, however long.
std::string named_by(const Selector& selector) {
  const std::string& named = !selector.id.empty()            ? selector.id
                             : !selector.external_id.empty() ? selector.external_id
                                                             : selector.name;
  return named.substr(0, kLongestName);
}

ApiError unknown_data_source(const Selector& selector) {
  if (selector.id.empty() && selector.external_id.empty() && selector.name.empty()) {
    return {.message = "Id or ExternalId is required"};
  }
  return {.message = "Data source '" + named_by(selector) + "' was not found"};
}

// Equal lengths are compared whole, so that the time taken does not tell how much of a guess was
// right.
bool equal_in_constant_time(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace

Reply error_reply(const ApiError& error, const std::string& reason) {
  return {.status = error.status,
          .body = write_error(error),
          .reason = reason.empty() ? error.message : reason};
}

// A data source that is no longer given is left out.
std::string Platform::restore() {
  if (options_.state_file.empty()) return "";
  auto read = journal_.open(options_.state_file);
  if (const auto* problem = std::get_if<std::string>(&read)) return *problem;
  const Kept& kept = std::get<Kept>(read);
  for (const AppliedPut& put : kept.puts) {
    data_sources_.with(put.request.selector, [&](DataSourceTable& table) {
      static_cast<void>(table.apply(put.request.content, options_.unknown_delete, put.time));
    });
  }
  if (kept.count) meter_.restore(*kept.count);
  Kept now{.count = meter_.count()};
  for (const std::string& id : data_sources_.external_ids()) {
    data_sources_.with({.external_id = id},
                       [&](DataSourceTable& table) { now.puts.push_back(put_of(table)); });
  }
  return journal_.begin(now);
}

Reply Platform::answer(const Call& call) {
  Reply reply;
  if (const auto fault = faults_.take(target_of(call), call.method)) {
    reply = answer_with_fault(call, *fault);
    reply.reason = "fault: " + fault_name(fault->kind);
  } else {
    reply = answer_as_writer(call, 0);
  }
  reply.target = target_of(call);
  return reply;
}

std::string Platform::target_of(const Call& call) const {
  if (!call.form.empty()) return call.form;
  const std::string known = data_sources_.external_id_of(call.selector);
  return known.empty() ? named_by(call.selector) : known;
}

Reply Platform::answer_with_fault(const Call& call, const Fault& fault) {
  Reply reply;
  const bool is_answered_at_once = fault.kind == FaultKind::kStatus ||
                                   fault.kind == FaultKind::kLock ||
                                   fault.kind == FaultKind::kResetBefore;
  if (is_answered_at_once) faults_.delay(latency_of(call));
  switch (fault.kind) {
    case FaultKind::kStatus:
      return error_reply(
          {.status = fault.status, .code = "Exception", .message = "A played failure"});
    case FaultKind::kLock:
      return error_reply(lock_error(fault.played % 2 == 0));
    case FaultKind::kResetBefore:
      reply.delivery = Reply::Delivery::kReset;
      return reply;
    case FaultKind::kResetAfter:
      reply = answer_as_writer(call, 0);
      reply.delivery = Reply::Delivery::kReset;
      return reply;
    case FaultKind::kCrash:
      reply = answer_as_writer(call, 0);
      reply.delivery = Reply::Delivery::kCrash;
      return reply;
    case FaultKind::kKill:
      static_cast<void>(answer_as_writer(call, 0));
      std::raise(SIGKILL);
      return reply;
    case FaultKind::kTruncate:
      reply = answer_as_writer(call, 0);
      reply.delivery = Reply::Delivery::kTruncated;
      return reply;
    case FaultKind::kDelay:
      break;
  }
  return answer_as_writer(call, fault.seconds);
}

double Platform::latency_of(const Call& call) const {
  return call.is_metered ? options_.latency_ms / 1000.0 : 0;
}

// A slow write holds its data source all the time.
Reply Platform::answer_as_writer(const Call& call, double delay_seconds) {
  delay_seconds += latency_of(call);
  if (!knows_key(call.company_id, call.integration_key)) {
    faults_.delay(delay_seconds);
    return error_reply(
        {.status = 401, .code = "Unauthorized", .message = "The company id or the key is wrong"});
  }
  const bool exists = !data_sources_.external_id_of(call.selector).empty();
  std::shared_ptr<void> writing;
  if (call.writes && exists) {
    writing = data_sources_.begin_write(call.selector);
    if (!writing) return error_reply(lock_error(false));
  }
  faults_.delay(delay_seconds);
  return call.work();
}

Reply Platform::refusal(Verdict verdict) const {
  if (verdict == Verdict::kOverConnections) {
    return error_reply({.status = 429,
                        .code = "TooManyConnections",
                        .message = "Too many concurrent connections; at most " +
                                   std::to_string(options_.max_connections) + " are allowed"},
                       "over the connection limit");
  }
  const bool is_plain_429 = options_.over_limit_status == 429;
  return error_reply(
      {.status = options_.over_limit_status,
       .code = is_plain_429 ? "ApiLimitExceeded" : "Exception",
       .message = "The daily API call limit of " + std::to_string(options_.calls_per_day) +
                  " calls has been exceeded"},
      "over the day limit");
}

Reply Platform::put(const PutRequest& request) {
  Reply reply;
  const bool found = data_sources_.with(request.selector, [&](DataSourceTable& table) {
    const Instant now = clock_.now();
    const auto error = table.apply(request.content, options_.unknown_delete, now);
    if (error) {
      reply = error_reply(*error);
    } else {
      journal_.keep(AppliedPut{.time = now, .request = request});
    }
  });
  if (!found) return error_reply(unknown_data_source(request.selector));
  reply.rows = request.content.row_count();
  return reply;
}

Reply Platform::get(const Selector& selector, const PageQuery& query) {
  Reply reply;
  const bool found = data_sources_.with(selector, [&](DataSourceTable& table) {
    reply.body = write_page(table, query, options_.company_id);
    reply.rows = rows_of_page(table, query);
  });
  return found ? reply : error_reply(unknown_data_source(selector));
}

Reply Platform::search(const FormQuery& query) {
  const FormPage page = form_entries_.search(query, clock_.now());
  return {.body = write_form_page(page, query, options_.company_id),
          .rows = static_cast<std::int64_t>(page.entries.size())};
}

std::vector<std::string> Platform::receive(const std::vector<FormEntry>& entries) {
  std::vector<std::string> ids;
  for (const FormEntry& entry : entries) {
    const FormEntry kept = form_entries_.add(entry);
    ids.push_back(kept.id);
    form_connector_.deliver(
        write_connector_delivery(kept, options_.integration_key, options_.company_id));
  }
  return ids;
}

bool Platform::knows_key(const std::string& company_id, const std::string& key) const {
  const bool right_key = equal_in_constant_time(key, options_.integration_key);
  return company_id == std::to_string(options_.company_id) && right_key;
}

}  // namespace weir::mock
