#include "http/curl_transport.h"

#include <weir/url_without_password.h>
#include <weir/version.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "http/ca_file.h"
#include "http/curl_handle.h"
#include "http/incoming.h"
#include "http/proxy.h"
#include "http/url.h"
#include "text/printable.h"

namespace weir::http {
namespace {

// A transfer slower than this counts as silent.
constexpr long kLeastBytesPerSecond = 10;

using HeaderList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

void append(HeaderList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw CurlOptionError("there is no memory for the request's headers");
  static_cast<void>(list.release());
  list.reset(longer);
}

HeaderList request_headers(const HttpRequest& request) {
  HeaderList list(nullptr, &curl_slist_free_all);
  // An Expect header would stall bodies over 1 MiB for a second, and could cost a second request.
  append(list, "Expect:");
  append(list, request.on_body ? "Accept: */*" : "Accept: application/json");
  // Ranges count the bytes of a file as it is.
  if (!request.on_body) append(list, "Accept-Encoding: gzip");
  if (!request.body.empty()) append(list, "Content-Type: application/json");
  for (const auto& [name, value] : request.headers) append(list, name + ": " + value);
  return list;
}

std::string user_agent() { return "weir/" + std::string(kVersion); }

Error not_sent_any_more() {
  return {.code = ErrorCode::kTimeout,
          .message = "the moment for this call passed before it was sent"};
}

class CurlTransport final : public Transport {
 public:
  CurlTransport(BaseUrl base, CurlOptions options)
      : base_(std::move(base)), options_(std::move(options)) {}

  Result<HttpResponse> send(const HttpRequest& request) override try {
    return perform(request);
  } catch (const CurlOptionError& problem) {
    return Error{.code = ErrorCode::kUnavailable, .message = problem.what()};
  }

  Result<void> connect() const try {
    CurlHandle handle;
    const std::string url = full_url(base_, options_.is_whole_address ? "" : "/", {});
    set_connection(handle);
    handle.set(CURLOPT_URL, url.c_str());
    handle.set(CURLOPT_CONNECT_ONLY, 1L);
    const CURLcode code = handle.perform();
    if (code == CURLE_OK) return {};
    return failure(code, handle);
  } catch (const CurlOptionError& problem) {
    return Error{.code = ErrorCode::kUnavailable, .message = problem.what()};
  }

 private:
  Result<HttpResponse> perform(const HttpRequest& request) const;
  void set_connection(CurlHandle& handle) const;
  void set_request(CurlHandle& handle, const HttpRequest& request, const std::string& url) const;
  Error failure(CURLcode code, const CurlHandle& handle) const;
  Error fault_of(Incoming::Fault fault) const;
  std::string words_of(CURLcode code, const CurlHandle& handle) const;
  static std::string advice(CURLcode code, const CurlHandle& handle);
  std::string certificate_words(const CurlHandle& handle, CURLcode code) const;

  const BaseUrl base_;
  const CurlOptions options_;
};

Result<HttpResponse> CurlTransport::perform(const HttpRequest& request) const {
  CurlHandle handle;
  Incoming incoming(handle, request, static_cast<std::size_t>(options_.max_answer_bytes));
  const std::string url = full_url(base_, request.path, request.query);
  const HeaderList headers = request_headers(request);
  set_connection(handle);
  set_request(handle, request, url);
  handle.set_pointer(CURLOPT_HTTPHEADER, headers.get());
  bool is_too_late = false;
  handle.allow_one_request([&] {
    is_too_late = request.may_still_be_sent && !request.may_still_be_sent();
    return !is_too_late;
  });
  const CURLcode code = handle.perform();
  incoming.rethrow();
  if (is_too_late) return not_sent_any_more();
  if (options_.head_is_enough && incoming.has_head()) return incoming.take();
  if (incoming.fault() != Incoming::Fault::kNone) return fault_of(incoming.fault());
  if (code != CURLE_OK && incoming.may_have_too_long_a_line(code))
    return fault_of(Incoming::Fault::kHeadTooLarge);
  if (code != CURLE_OK) return failure(code, handle);
  // What was packed shows only at its end whether it is whole.
  HttpResponse response = incoming.take();
  if (incoming.fault() != Incoming::Fault::kNone) return fault_of(incoming.fault());
  return response;
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
}

void CurlTransport::set_request(CurlHandle& handle, const HttpRequest& request,
                                const std::string& url) const {
  handle.set(CURLOPT_URL, url.c_str());
  handle.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  handle.set(CURLOPT_USERAGENT, user_agent().c_str());
  handle.set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  handle.set(CURLOPT_LOW_SPEED_LIMIT, kLeastBytesPerSecond);
  const auto silent = std::chrono::ceil<std::chrono::seconds>(request.longest_silence);
  handle.set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(std::max<std::int64_t>(silent.count(), 1)));
  if (request.body.empty()) return;
  handle.set(CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
  handle.set(CURLOPT_POSTFIELDS, request.body.c_str());
}

Error CurlTransport::failure(CURLcode code, const CurlHandle& handle) const {
  Error error{.code = ErrorCode::kUnavailable, .message = "no answer from " + base_.host + ": "};
  error.may_have_been_sent = handle.may_have_sent();
  if (code == CURLE_OPERATION_TIMEDOUT) {
    error.code = ErrorCode::kTimeout;
    error.message += handle.failure_words(code).starts_with("Operation too slow")
                         ? "nothing arrived for too long"
                         : "the time for the call passed";
  } else if (code == CURLE_ABORTED_BY_CALLBACK) {
    error.message +=
        "the connection broke before the answer began; the call is not repeated by itself";
  } else if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE) {
    error.code = ErrorCode::kUntrusted;
    error.message += certificate_words(handle, code);
  } else {
    error.message += words_of(code, handle) + advice(code, handle);
  }
  return error;
}

Error CurlTransport::fault_of(Incoming::Fault fault) const {
  Error error{.code = ErrorCode::kBadResponse, .may_have_been_sent = true};
  const std::string answer = "the answer of " + base_.host;
  switch (fault) {
    case Incoming::Fault::kUnwanted:
      error.code = ErrorCode::kCancelled;
      error.message = answer + " was not read to its end";
      break;
    case Incoming::Fault::kHeadTooLarge:
      error.message = "the headers of " + answer + " are larger than " +
                      std::to_string(kMostHeaderBytes) + " bytes";
      break;
    case Incoming::Fault::kBodyTooLarge:
      error.message = answer + " is larger than the limit of " +
                      std::to_string(options_.max_answer_bytes) + " bytes";
      break;
    case Incoming::Fault::kUnknownCoding:
      error.message = answer + " is in a coding that was not asked for";
      break;
    case Incoming::Fault::kDamaged:
      error.message = answer + " is damaged: it cannot be unpacked";
      break;
    case Incoming::Fault::kCutOff:
    case Incoming::Fault::kNone:
      error.code = ErrorCode::kUnavailable;
      error.message = answer + " was cut off";
      break;
  }
  return error;
}

// What libcurl's words alone do not tell.
std::string CurlTransport::advice(CURLcode code, const CurlHandle& handle) {
  if (handle.ran_out_of_descriptors())
    return "; this program may open no more files and connections: close some, or raise the limit "
           "(ulimit -n)";
  const std::string words = handle.failure_words(code);
  if (code == CURLE_SSL_CONNECT_ERROR && (words.find("wrong version number") != std::string::npos ||
                                          words.find("packet length") != std::string::npos))
    return "; the other end does not speak TLS there: are the port and https:// right?";
  return "";
}

std::string CurlTransport::words_of(CURLcode code, const CurlHandle& handle) const {
  const std::optional<Proxy> proxy = proxy_of_environment();
  std::string words = handle.failure_words(code);
  if (!proxy || base_.is_loopback) return text::printable(words);
  const long answered = handle.info(CURLINFO_HTTP_CONNECTCODE);
  if (answered / 100 != 2 && answered != 0) {
    words = "the proxy " + proxy->shown + " answered " + std::to_string(answered);
    if (answered == 407) return words + ": check the user and password in " + proxy->variable;
    return words + ", so it does not let this host through; it is set in " + proxy->variable;
  }
  return words_without_password(words, proxy->value) + " (by the proxy " + proxy->shown + " of " +
         proxy->variable + ")";
}

// The numbers of the verify result are those of X509_V_ERR_… in OpenSSL, with which libcurl is
// built.
std::string CurlTransport::certificate_words(const CurlHandle& handle, CURLcode code) const {
  if (code == CURLE_SSL_CACERT_BADFILE)
    return "the certificates in ca_file " + options_.ca_file + " cannot be used";
  const std::string words = text::printable(handle.failure_words(code));
  // libcurl compares the names itself, and the verify result says nothing of them.
  if (words.find("subject name") != std::string::npos)
    return "its certificate is for another host, not for " + base_.host + " (" + words + ")";
  switch (handle.info(CURLINFO_SSL_VERIFYRESULT)) {
    case 9:
      return "its certificate is not valid yet; is the clock of this host right?";
    case 10:
      return "its certificate has expired";
    case 18:
      return "its certificate is signed by itself, by nobody who is trusted; if that is meant, "
             "give "
             "it as ca_file";
    case 2:
    case 19:
    case 20:
    case 21:
      return "its certificate's issuer is not known: the chain that it sends is incomplete, or "
             "ca_file is needed";
    default:
      return "its certificate is not trusted: " + words;
  }
}

Result<std::shared_ptr<CurlTransport>> made(const CurlOptions& options) {
  Result<BaseUrl> base =
      options.is_whole_address ? parse_address(options.base_url) : parse_base_url(options.base_url);
  if (!base) return base.error();
  if (!options.ca_file.empty()) {
    if (Result<void> usable = check_ca_file(options.ca_file); !usable) return usable.error();
  }
  return std::make_shared<CurlTransport>(*base, options);
}

}  // namespace

Result<void> shake_hands(const CurlOptions& options) {
  const Result<std::shared_ptr<CurlTransport>> transport = made(options);
  if (!transport) return transport.error();
  return (*transport)->connect();
}

Result<std::shared_ptr<Transport>> curl_transport(const CurlOptions& options) {
  Result<std::shared_ptr<CurlTransport>> transport = made(options);
  if (!transport) return transport.error();
  return std::shared_ptr<Transport>(std::move(*transport));
}

}  // namespace weir::http
