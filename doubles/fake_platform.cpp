// doubles/: the mock platform behind the SDK's seams, for tests of programs that use Weir. The one
// place that knows both.
#include <weir/testing/fake_platform.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <variant>

#include "mock_server/form_wire.h"
#include "mock_server/platform.h"
#include "mock_server/wire.h"

namespace weir::testing {
namespace {

constexpr std::int64_t kCompany = 12345;
constexpr const char* kKey = "key of the fake platform";
constexpr const char* kFilePath = "/api/v2/formentry/file";
constexpr std::int64_t kLargestPage = 1250;

mock::Options mock_options(const FakePlatformOptions& options) {
  mock::Options chosen{.company_id = kCompany,
                       .integration_key = kKey,
                       .time_zone = options.time_zone,
                       .calls_per_day = options.calls_per_day,
                       .max_connections = options.max_connections};
  for (const auto& [id, columns] : options.data_sources)
    chosen.data_sources.push_back({.external_id = id, .columns = columns});
  return chosen;
}

mock::OrgZone zone_of(const FakePlatformOptions& options) {
  auto zone = mock::OrgZone::open(options.time_zone);
  if (!zone) throw std::invalid_argument("unknown time zone " + options.time_zone);
  return *zone;
}

std::shared_ptr<Clock> checked(std::shared_ptr<Clock> clock) {
  if (!clock) throw std::invalid_argument("the fake platform needs a clock");
  return clock;
}

bool same_but_for_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

std::string parameter(const HttpRequest& request, std::string_view name) {
  for (const auto& [found, value] : request.query)
    if (same_but_for_case(found, name)) return value;
  return "";
}

Error no_answer() {
  return {.code = ErrorCode::kUnavailable,
          .message = "no answer from the fake platform: the connection broke",
          .may_have_been_sent = true};
}

}  // namespace

class FakePlatform::Impl {
 public:
  Impl(const FakePlatformOptions& options, std::shared_ptr<Clock> clock)
      : clock_(std::move(clock)), platform_(mock_options(options), zone_of(options), time_) {
    time_.set_rate(0);
    tell_time();
  }

  std::shared_ptr<Clock> clock() const { return clock_; }
  mock::Platform& platform() { return platform_; }

  void tell_time() { time_.set(mock::Instant(clock_->now())); }

  // One that is exempt takes neither a call nor a connection.
  mock::Reply answer(const HttpRequest& request) {
    tell_time();
    if (request.method == "GET" && request.path == kFilePath) return file(request);
    mock::LogEntry entry{
        .time = platform_.clock().now(), .method = request.method, .target = request.path};
    const mock::Verdict verdict = platform_.meter().admit(false);
    mock::Reply reply =
        verdict == mock::Verdict::kAdmitted ? metered(request) : platform_.refusal(verdict);
    entry.rows = reply.rows;
    entry.reason = reply.reason;
    if (reply.has_answer()) entry.status = reply.status;
    platform_.meter().finish(std::move(entry), verdict);
    if (verdict == mock::Verdict::kAdmitted) platform_.meter().release();
    return reply;
  }

 private:
  mock::Reply metered(const HttpRequest& request) {
    if (request.path == "/api/v2/datasource" && request.method == "PUT") return put(request);
    if (request.path == "/api/v2/datasource" && request.method == "GET") return page(request);
    if (request.path == "/api/v2/formentry/search" && request.method == "GET")
      return search(request);
    // What it has no data for: any other call is answered emptily.
    return mock::Reply{};
  }

  mock::Call call_of(const HttpRequest& request) const {
    return {.company_id = parameter(request, "CompanyId"),
            .integration_key = parameter(request, "IntegrationKey")};
  }

  mock::Reply put(const HttpRequest& request) {
    const auto parsed = mock::read_put(request.body);
    if (const auto* error = std::get_if<mock::ApiError>(&parsed)) return mock::error_reply(*error);
    const auto& put = std::get<mock::PutRequest>(parsed);
    return platform_.answer({.company_id = put.company_id,
                             .integration_key = put.integration_key,
                             .selector = put.selector,
                             .writes = true,
                             .work = [&] { return platform_.put(put); }});
  }

  mock::Reply page(const HttpRequest& request) {
    const mock::PageQuery query{
        .return_rows = same_but_for_case(parameter(request, "ReturnRows"), "true"),
        .page_size = std::clamp<std::int64_t>(
            mock::number_of(parameter(request, "PageSize"), kLargestPage), 1, kLargestPage),
        .page_number = mock::number_of(parameter(request, "PageNo"), 0)};
    mock::Call call = call_of(request);
    call.selector.external_id = parameter(request, "ExternalId");
    call.work = [&] { return platform_.get(call.selector, query); };
    return platform_.answer(call);
  }

  mock::Reply search(const HttpRequest& request) {
    const auto parsed =
        mock::read_form_query([&](const std::string& name) { return parameter(request, name); });
    if (const auto* error = std::get_if<mock::ApiError>(&parsed)) return mock::error_reply(*error);
    const auto& query = std::get<mock::FormQuery>(parsed);
    mock::Call call = call_of(request);
    call.form = query.form;
    call.work = [&] { return platform_.search(query); };
    return platform_.answer(call);
  }

  mock::Reply file(const HttpRequest& request) {
    const std::string entry = parameter(request, "EntryId");
    const std::string name = parameter(request, "Filename");
    mock::Call call = call_of(request);
    call.form = entry;
    call.work = [&]() -> mock::Reply {
      const auto found = platform_.files().find(entry, name);
      if (!found) return mock::error_reply({.status = 404, .message = "there is no such file"});
      return {.body = found->bytes(0, found->size())};
    };
    return platform_.answer(call);
  }

  const std::shared_ptr<Clock> clock_;
  mock::VirtualClock time_;
  mock::Platform platform_;
};

FakePlatform::FakePlatform(const FakePlatformOptions& options, std::shared_ptr<Clock> clock)
    : impl_(std::make_unique<Impl>(options, checked(std::move(clock)))) {}
FakePlatform::~FakePlatform() = default;

ClientOptions FakePlatform::client_options(std::string store) {
  const mock::Options& chosen = impl_->platform().options();
  // Not owned.
  const std::shared_ptr<Transport> here(std::shared_ptr<void>(), this);
  return {.url = "https://fake.platform.example",
          .company_id = kCompany,
          .integration_key = Secret::from_string(kKey, "the fake platform"),
          .time_zone = chosen.time_zone,
          .store = std::move(store),
          .calls_per_day = chosen.calls_per_day,
          .max_connections = chosen.max_connections,
          .price_row_seconds = 0,
          .send_in_background = false,
          .clock = impl_->clock(),
          .transport = here};
}

std::vector<Row> FakePlatform::rows(const std::string& data_source) const {
  std::vector<Row> rows;
  impl_->platform().data_sources().with({.external_id = data_source},
                                        [&](mock::DataSourceTable& table) {
                                          for (const mock::Row& row : table.rows())
                                            rows.emplace_back(row);
                                        });
  return rows;
}

std::string FakePlatform::add_entry(const std::string& form, const FakeEntry& entry) {
  impl_->tell_time();
  const mock::Instant now = impl_->platform().clock().now();
  nlohmann::ordered_json answers = nlohmann::ordered_json::object();
  for (const auto& [field, value] : entry.answers) answers[field] = value;
  std::string written;
  try {
    written = answers.dump();
  } catch (const nlohmann::json::exception&) {
    throw std::invalid_argument("an answer of the entry is not valid UTF-8 text");
  }
  return impl_->platform()
      .receive({{.id = entry.id,
                 .form = form,
                 .received = now,
                 .completed = now,
                 .visible_from = now,
                 .answers = std::move(written)}})
      .front();
}

void FakePlatform::add_file(const std::string& entry_id, const std::string& name,
                            std::string content) {
  impl_->tell_time();
  impl_->platform().files().add(entry_id, name, {.content = std::move(content)},
                                impl_->platform().clock().now());
}

void FakePlatform::spend(std::int64_t calls) {
  impl_->tell_time();
  impl_->platform().meter().spend(calls);
}

void FakePlatform::fail_next(int status, int requests) {
  impl_->platform().faults().add(
      {.kind = mock::FaultKind::kStatus, .count = requests, .status = status});
}

void FakePlatform::lose_next_answer() {
  impl_->platform().faults().add({.kind = mock::FaultKind::kResetAfter});
}

std::int64_t FakePlatform::calls() const {
  impl_->tell_time();
  const mock::Usage usage = impl_->platform().meter().usage();
  return usage.counted_day == usage.org_day ? usage.calls_today : 0;
}

Result<HttpResponse> FakePlatform::send(const HttpRequest& request) {
  if (request.may_still_be_sent && !request.may_still_be_sent())
    return Error{.code = ErrorCode::kTimeout, .message = "too late to be sent"};
  mock::Reply reply = impl_->answer(request);
  if (reply.delivery != mock::Reply::Delivery::kWhole) return no_answer();
  HttpResponse response{
      .status = reply.status,
      .headers = {{"date", mock::format_http_date(impl_->platform().clock().now())}},
      .body = {}};
  if (!request.on_body || reply.status != 200) {
    response.body = std::move(reply.body);
  } else if (!request.on_body(response, reply.body)) {
    return Error{.code = ErrorCode::kCancelled,
                 .message = "the answer was not read to its end",
                 .may_have_been_sent = true};
  }
  return response;
}

}  // namespace weir::testing
