#include "device_request.h"

#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace weir::mock {
namespace {

// What the app sends when it has nothing: documented as a date at least a year back.
constexpr const char* kLongAgo = "2000-01-01T00:00:00";

struct Url {
  std::string origin;  // scheme, host and port
  std::string target;  // path, and the query if there is one
};

Url split(const std::string& url) {
  const std::size_t end = url.find_first_of("/?", url.find("://") + 3);
  if (end == std::string::npos) return {.origin = url, .target = "/"};
  const std::string rest = url.substr(end);
  return {.origin = url.substr(0, end), .target = rest.front() == '?' ? "/" + rest : rest};
}

std::string encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~')) {
      encoded.push_back(c);
    } else {
      encoded += {'%', kHex[byte >> 4], kHex[byte & 0xF]};
    }
  }
  return encoded;
}

bool is_loopback(const std::string& origin) {
  const std::string authority = origin.substr(origin.find("://") + 3);
  if (authority == "[::1]" || authority.starts_with("[::1]:")) return true;
  const std::string host = authority.substr(0, authority.find(':'));
  const bool is_ipv4 = host.find_first_not_of("0123456789.") == std::string::npos &&
                       std::count(host.begin(), host.end(), '.') == 3;
  return host == "localhost" || (is_ipv4 && host.starts_with("127."));
}

// What stood between the device and the service, and what to do about it.
std::string reason_of(httplib::Error error, const std::string& ca_file) {
  switch (error) {
    case httplib::Error::Connection:
      return "nobody answers there (connection refused, or no such host); is the service running?";
    case httplib::Error::ConnectionTimeout:
      return "no connection in time; is a firewall in between?";
    case httplib::Error::SSLConnection:
      return "no TLS is spoken there; is it a service of plain http?";
    case httplib::Error::SSLLoadingCerts:
      return "the CA file " + ca_file + " cannot be read as PEM";
    case httplib::Error::SSLServerVerification:
      return "its certificate is not trusted: self-signed, for another name, or its chain is "
             "incomplete. --ca-file names an authority to trust";
    case httplib::Error::Read:
    case httplib::Error::Write:
      return "the answer was cut off, or did not come in time; see the log of the service";
    default:
      return httplib::to_string(error) + " failed";
  }
}

SyncProblem problem_of_status(int status) {
  const std::string said = "the service answered " + std::to_string(status);
  if (status >= 500)
    return {.failure = SyncFailure::kUnreachable, .message = said + ": it failed; see its log"};
  if (status >= 400) {
    return {.failure = SyncFailure::kRefused,
            .message = said +
                       ": it refuses; check the token, the company id, the data source's id "
                       "and whether it knows the user"};
  }
  return {.failure = SyncFailure::kBadAnswer,
          .message = said + " where the app understands only 200"};
}

}  // namespace

std::string problem_of_url(const std::string& url) {
  if (!url.starts_with("https://") && !url.starts_with("http://"))
    return "the url does not begin with https://";
  const auto is_bad = [](unsigned char c) { return c <= 0x20 || c >= 0x7F || c == '#'; };
  if (std::any_of(url.begin(), url.end(), is_bad))
    return "the url has a space, a fragment or a character that no URL has";
  const std::string origin = split(url).origin;
  if (origin.find('@') != std::string::npos) return "the url has a user name";
  if (origin.ends_with("://")) return "the url has no host";
  if (url.starts_with("http://") && !is_loopback(origin))
    return "plain http is for loopback only, since the token is in every request";
  return "";
}

class DeviceRequest::Impl {
 public:
  explicit Impl(const DeviceOptions& options)
      : options_(options), target_(split(options.url).target), client_(split(options.url).origin) {
    client_.set_keep_alive(true);
    client_.set_tcp_nodelay(true);
    client_.set_url_encode(false);  // it is encoded below, once
    client_.set_connection_timeout(options.timeout);
    client_.set_read_timeout(options.timeout);
    if (!options.ca_file.empty()) client_.set_ca_cert_path(options.ca_file);
  }

  std::variant<std::string, SyncProblem> get(const std::string& id,
                                             const std::string& last_updated) {
    std::string body;
    const auto end = std::chrono::steady_clock::now() + options_.answer_time;
    const httplib::Headers headers = {{"Accept-Encoding", "gzip, deflate"}};
    const httplib::Result result =
        client_.Get(target(id, last_updated), headers, [&](const char* data, std::size_t size) {
          body.append(data, size);
          return body.size() <= options_.most_bytes && std::chrono::steady_clock::now() < end;
        });
    if (!result) return no_answer(result.error(), body.size());
    if (result->status != 200) return problem_of_status(result->status);
    return body;
  }

 private:
  std::string target(const std::string& id, const std::string& last_updated) const {
    const std::vector<std::pair<const char*, std::string>> parameters = {
        {"ids", id},
        {"providerId", std::to_string(options_.company_id)},
        {"integrationkey", options_.private_token},
        {"email", options_.email},
        {"lastupdated", last_updated.empty() ? kLongAgo : last_updated},
        {"lastupdateds", last_updated}};
    std::string whole = target_;
    char separator = whole.find('?') == std::string::npos ? '?' : '&';
    for (const auto& [name, value] : parameters) {
      whole += std::string(1, std::exchange(separator, '&')) + name + "=" + encode(value);
    }
    return whole;
  }

  SyncProblem no_answer(httplib::Error error, std::size_t got) const {
    if (error == httplib::Error::Canceled && got > options_.most_bytes) {
      return {
          .failure = SyncFailure::kBadAnswer,
          .message = "the answer is larger than " + std::to_string(options_.most_bytes) + " bytes"};
    }
    if (error == httplib::Error::Canceled) {
      return {.failure = SyncFailure::kUnreachable,
              .message = "the answer was not at its end after " +
                         std::to_string(options_.answer_time.count()) +
                         " s; see the log of the service"};
    }
    return {.failure = SyncFailure::kUnreachable,
            .message = "cannot reach " + split(options_.url).origin + ": " +
                       reason_of(error, options_.ca_file)};
  }

  const DeviceOptions options_;
  const std::string target_;
  httplib::Client client_;
};

DeviceRequest::DeviceRequest(const DeviceOptions& options)
    : impl_(std::make_unique<Impl>(options)) {}
DeviceRequest::~DeviceRequest() = default;

std::variant<std::string, SyncProblem> DeviceRequest::get(const std::string& id,
                                                          const std::string& last_updated) {
  return impl_->get(id, last_updated);
}

}  // namespace weir::mock
