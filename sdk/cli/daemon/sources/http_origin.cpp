#include "daemon/sources/http_origin.h"

#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "daemon/sources/fetched_rows.h"
#include "daemon/sources/timed_origin.h"
#include "http/curl_transport.h"
#include "input/input_error.h"
#include "text/without_key.h"

namespace weir::daemon {
namespace {

constexpr std::int64_t kMostOtherBytes = 1024 * 1024;

struct Address {
  std::string host;  // with scheme and port
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
};

std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string digits(text.substr(i + 1, 2));
    char* end = nullptr;
    const long byte = std::strtol(digits.c_str(), &end, 16);
    if (text[i] == '%' && digits.size() == 2 && *end == '\0') {
      plain += static_cast<char>(byte);
      i += 2;
    } else {
      plain += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

Address address_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t path = std::min(url.find_first_of("/?#", begin), url.size());
  const std::size_t fragment = std::min(url.find('#', path), url.size());
  const std::size_t question = std::min(url.find('?', path), fragment);
  Address address{
      .host = url.substr(0, path), .path = url.substr(path, question - path), .query = {}};
  if (address.path.empty()) address.path = "/";
  std::string_view rest(url);
  rest = rest.substr(0, fragment).substr(std::min(question + 1, fragment));
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view word = rest.substr(0, end);
    const std::size_t equals = std::min(word.find('='), word.size());
    address.query.emplace_back(decoded(word.substr(0, equals)),
                               decoded(word.substr(std::min(equals + 1, word.size()))));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return address;
}

// "Authorization: Bearer …".
std::optional<std::pair<std::string, std::string>> header_of(const Secret& line) {
  const std::string_view text = line.reveal();
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view value = text.substr(colon + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  return std::pair(std::string(text.substr(0, colon)), std::string(value));
}

class HttpDocument final : public TimedOrigin {
 public:
  HttpDocument(const SourceConfig& config, const HttpOrigin& document, Address address,
               std::shared_ptr<Transport> transport, Timetable timetable)
      : TimedOrigin(std::move(timetable)),
        document_(document),
        address_(std::move(address)),
        transport_(std::move(transport)),
        options_(reader_options(config, document.format)) {}

 private:
  // A document that is an error may repeat what it was asked with.
  Result<OriginReading> read_now(SourceDelivery& delivery, TimePoint,
                                 const std::stop_token& stop) override {
    Result<OriginReading> reading = fetch(delivery, stop);
    if (reading) return reading;
    Error error = reading.error();
    error.message = text::without_keys(error.message, secrets());
    return error;
  }

  std::vector<std::string> secrets() const {
    std::vector<std::string> secrets;
    if (const auto header = header_of(document_.header)) {
      secrets.push_back(header->second);
      secrets.push_back(header->second.substr(header->second.rfind(' ') + 1));
    }
    for (const auto& [name, value] : address_.query) secrets.push_back(value);
    return secrets;
  }

  Result<OriginReading> fetch(SourceDelivery& delivery, const std::stop_token& stop) {
    Result<cli::TemporaryInput> body = cli::TemporaryInput::make();
    if (!body) return body.error();
    std::size_t size = 0;
    std::optional<Error> problem;
    HttpRequest request{.method = "GET",
                        .path = address_.path,
                        .query = address_.query,
                        .timeout = document_.timeout,
                        .stop = stop};
    if (const auto header = header_of(document_.header)) request.headers.push_back(*header);
    if (!etag_.empty()) request.headers.emplace_back("If-None-Match", etag_);
    request.on_body = [&](const HttpResponse& head, std::string_view bytes) {
      const std::string_view coding = head.header("content-encoding");
      if (!coding.empty() && coding != "identity") {
        problem = error("the server sent the document in the coding " + std::string(coding) +
                        ", which was not asked for");
        return false;
      }
      size += bytes.size();
      if (size > kMostFetchedBytes) {
        problem = error("the document is larger than 256 MiB");
        return false;
      }
      const Result<void> kept = body->append(bytes);
      if (!kept) problem = kept.error();
      return static_cast<bool>(kept);
    };
    const Result<HttpResponse> answer = transport_->send(request);
    if (problem) return *problem;
    if (!answer) return answer.error();
    if (answer->status == 304 && !etag_.empty()) return unchanged(delivery);
    if (answer->status != 200) return refusal(answer->status);
    Result<RowHandover> handover = deliver_fetched(delivery, *body, document_.kind, document_.rows,
                                                   options_, address_.host + address_.path);
    etag_ = handover ? std::string(answer->header("etag")) : "";
    return reading_of(std::move(handover));
  }

  static OriginReading unchanged(const SourceDelivery& delivery) {
    return {.handover = delivery.held().value_or(RowHandover{})};
  }

  Error refusal(int status) const {
    if (status == 304)
      return error("the server answered 304, unchanged, to a request for the document as it is");
    if (status >= 300 && status < 400)
      return error("the server redirects (" + std::to_string(status) +
                   "), which is not followed; write the address it leads to");
    if (status == 401 || status == 403)
      return error("the server refuses access (" + std::to_string(status) + "); check header_file");
    return error("the server answered " + std::to_string(status));
  }

  Error error(const std::string& what) const {
    return cli::input_error(address_.host + address_.path, what);
  }

  const HttpOrigin document_;
  const Address address_;
  const std::shared_ptr<Transport> transport_;
  const cli::RowSourceOptions options_;
  std::string etag_;  // of the document that was handed over last
};

}  // namespace

Result<std::unique_ptr<OriginReader>> make_http_origin(const SourceConfig& config,
                                                       const HttpOrigin& document,
                                                       const std::string& zone) {
  Result<Timetable> timetable = Timetable::open(document.schedule, zone);
  if (!timetable) return timetable.error();
  Address address = address_of(document.url);
  Result<std::shared_ptr<Transport>> transport = http::curl_transport(
      {.base_url = address.host, .max_answer_bytes = kMostOtherBytes, .ca_file = document.ca_file});
  if (!transport) return transport.error();
  return std::unique_ptr<OriginReader>(std::make_unique<HttpDocument>(
      config, document, std::move(address), std::move(*transport), std::move(*timetable)));
}

}  // namespace weir::daemon
