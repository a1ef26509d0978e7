#include "http/curl_transport.h"

#include <weir/version.h>

#include <algorithm>
#include <cctype>
#include <exception>
#include <filesystem>
#include <string_view>
#include <utility>

#include "http/curl_handle.h"
#include "http/url.h"

namespace weir::http {
namespace {

constexpr std::size_t kMostHeaderBytes = 64 * 1024;
// A transfer slower than this for this long is given up before its time is over.
constexpr long kLeastBytesPerSecond = 10;
constexpr long kSlowSeconds = 30;

// What arrives, counted after decompression.
struct Incoming {
  CURL* handle = nullptr;
  const HttpRequest* request = nullptr;
  HttpResponse response;
  std::size_t header_bytes = 0;
  std::size_t most_body_bytes = 0;
  bool too_large = false;
  bool unwanted = false;  // the sink or the caller ended the transfer
  // What a callback has thrown: nothing may be thrown through libcurl, whose handle would leak.
  std::exception_ptr thrown = {};
};

// 0 ends the transfer.
template <class Work>
std::size_t kept_from_curl(Incoming& incoming, const Work& work) try {
  return work();
} catch (...) {
  incoming.thrown = std::current_exception();
  return 0;
}

bool is_for_sink(Incoming& incoming) {
  if (!incoming.request->on_body) return false;
  long status = 0;
  curl_easy_getinfo(incoming.handle, CURLINFO_RESPONSE_CODE, &status);
  incoming.response.status = static_cast<int>(status);
  return status == 200 || status == 206;
}

std::size_t take_body(Incoming& incoming, const char* data, std::size_t size) {
  if (is_for_sink(incoming)) {
    incoming.unwanted = !incoming.request->on_body(incoming.response, {data, size});
    return incoming.unwanted ? 0 : size;
  }
  if (incoming.response.body.size() + size > incoming.most_body_bytes) {
    incoming.too_large = true;
    return 0;
  }
  incoming.response.body.append(data, size);
  return size;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* target) {
  Incoming& incoming = *static_cast<Incoming*>(target);
  return kept_from_curl(incoming, [&] { return take_body(incoming, data, size); });
}

// Called about once a second also while nothing arrives.
int on_progress(void* target, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  Incoming& incoming = *static_cast<Incoming*>(target);
  if (!incoming.request->stop.stop_requested()) return 0;
  incoming.unwanted = true;
  return 1;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::size_t take_header(Incoming& incoming, const char* data, std::size_t size) {
  incoming.header_bytes += size;
  if (incoming.header_bytes > kMostHeaderBytes) {
    incoming.too_large = true;
    return 0;
  }
  const std::string_view line(data, size);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  std::string name(trimmed(line.substr(0, colon)));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  incoming.response.headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
  return size;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* target) {
  Incoming& incoming = *static_cast<Incoming*>(target);
  return kept_from_curl(incoming, [&] { return take_header(incoming, data, size); });
}

using HeaderList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

HeaderList request_headers(const HttpRequest& request) {
  // An Expect header would stall bodies over 1 MiB for a second, and could cost a second request.
  curl_slist* list = curl_slist_append(nullptr, "Expect:");
  list = curl_slist_append(list, request.on_body ? "Accept: */*" : "Accept: application/json");
  if (!request.body.empty()) list = curl_slist_append(list, "Content-Type: application/json");
  for (const auto& [name, value] : request.headers) {
    std::string line = name;
    line.append(": ").append(value);
    list = curl_slist_append(list, line.c_str());
  }
  return HeaderList(list, &curl_slist_free_all);
}

std::string user_agent() { return "weir/" + std::string(kVersion); }

class CurlTransport final : public Transport {
 public:
  CurlTransport(BaseUrl base, CurlOptions options)
      : base_(std::move(base)), options_(std::move(options)) {}

  Result<HttpResponse> send(const HttpRequest& request) override try {
    return perform(request);
  } catch (const CurlOptionError& problem) {
    return Error{.code = ErrorCode::kUnavailable, .message = problem.what()};
  }

 private:
  Result<HttpResponse> perform(const HttpRequest& request) const;
  void set_connection(CurlHandle& handle) const;
  void set_request(CurlHandle& handle, const HttpRequest& request, const std::string& url) const;
  Error failure(CURLcode code, const CurlHandle& handle, const Incoming& incoming) const;

  const BaseUrl base_;
  const CurlOptions options_;
};

Result<HttpResponse> CurlTransport::perform(const HttpRequest& request) const {
  CurlHandle handle;
  Incoming incoming{.handle = handle.get(),
                    .request = &request,
                    .response = {},
                    .most_body_bytes = static_cast<std::size_t>(options_.max_answer_bytes)};
  const std::string url = full_url(base_, request.path, request.query);
  const HeaderList headers = request_headers(request);
  set_connection(handle);
  set_request(handle, request, url);
  handle.set_pointer(CURLOPT_HTTPHEADER, headers.get());
  handle.set_function(CURLOPT_WRITEFUNCTION, &on_body);
  handle.set_pointer(CURLOPT_WRITEDATA, &incoming);
  handle.set_function(CURLOPT_HEADERFUNCTION, &on_header);
  handle.set_pointer(CURLOPT_HEADERDATA, &incoming);
  if (request.stop.stop_possible()) {
    handle.set(CURLOPT_NOPROGRESS, 0L);
    handle.set_function(CURLOPT_XFERINFOFUNCTION, &on_progress);
    handle.set_pointer(CURLOPT_XFERINFODATA, &incoming);
  }
  handle.allow_one_request();
  const CURLcode code = handle.perform();
  if (incoming.thrown) std::rethrow_exception(incoming.thrown);
  if (code != CURLE_OK) return failure(code, handle, incoming);
  incoming.response.status = static_cast<int>(handle.info(CURLINFO_RESPONSE_CODE));
  return std::move(incoming.response);
}

void CurlTransport::set_connection(CurlHandle& handle) const {
  handle.set(CURLOPT_NOSIGNAL, 1L);
  handle.set(CURLOPT_FOLLOWLOCATION, 0L);
  handle.set(CURLOPT_PROTOCOLS_STR, base_.is_loopback ? "http,https" : "https");
  handle.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  handle.set(CURLOPT_SSL_VERIFYPEER, 1L);
  handle.set(CURLOPT_SSL_VERIFYHOST, 2L);
  handle.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options_.ca_file.empty()) handle.set(CURLOPT_CAINFO, options_.ca_file.c_str());
  if (base_.is_loopback) handle.set(CURLOPT_NOPROXY, "*");
  handle.set(CURLOPT_FRESH_CONNECT, 1L);
  handle.set(CURLOPT_FORBID_REUSE, 1L);
  handle.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
  handle.set(CURLOPT_LOW_SPEED_LIMIT, kLeastBytesPerSecond);
  handle.set(CURLOPT_LOW_SPEED_TIME, kSlowSeconds);
}

void CurlTransport::set_request(CurlHandle& handle, const HttpRequest& request,
                                const std::string& url) const {
  handle.set(CURLOPT_URL, url.c_str());
  handle.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  handle.set(CURLOPT_USERAGENT, user_agent().c_str());
  // Ranges count the bytes of a file as it is.
  if (!request.on_body) handle.set(CURLOPT_ACCEPT_ENCODING, "gzip");
  handle.set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  if (request.body.empty()) return;
  handle.set(CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
  handle.set(CURLOPT_POSTFIELDS, request.body.c_str());
}

Error CurlTransport::failure(CURLcode code, const CurlHandle& handle,
                             const Incoming& incoming) const {
  Error error{.code = ErrorCode::kUnavailable, .message = "no answer from " + base_.host + ": "};
  // libcurl counts the request's bytes as it sends them; none of them left only when it counted
  // none.
  error.may_have_been_sent = handle.info(CURLINFO_REQUEST_SIZE) != 0;
  if (incoming.unwanted) {
    error.code = ErrorCode::kCancelled;
    error.message = "the answer of " + base_.host + " was not read to its end";
  } else if (incoming.too_large) {
    error.code = ErrorCode::kBadResponse;
    error.message = "the answer of " + base_.host + " is larger than the limit of " +
                    std::to_string(options_.max_answer_bytes) + " bytes";
  } else if (code == CURLE_OPERATION_TIMEDOUT) {
    error.code = ErrorCode::kTimeout;
    error.message += "the time for the call passed";
  } else if (code == CURLE_ABORTED_BY_CALLBACK) {
    error.message +=
        "the connection broke before the answer began; the call is not repeated by itself";
  } else {
    error.message += curl_easy_strerror(code);
  }
  return error;
}

}  // namespace

Result<std::shared_ptr<Transport>> curl_transport(const CurlOptions& options) {
  Result<BaseUrl> base = parse_base_url(options.base_url);
  if (!base) return base.error();
  if (!options.ca_file.empty() && !std::filesystem::is_regular_file(options.ca_file)) {
    return Error{.code = ErrorCode::kInvalidConfig,
                 .message = "the CA file " + options.ca_file + " is not a file"};
  }
  return std::shared_ptr<Transport>(std::make_shared<CurlTransport>(*base, options));
}

}  // namespace weir::http
