#include "http/incoming.h"

#include <utility>

#include "text/ascii.h"

namespace weir::http {

Incoming::Incoming(CurlHandle& handle, const HttpRequest& request, std::size_t most_body_bytes)
    : handle_(handle), request_(request), most_body_bytes_(most_body_bytes) {
  // The answers of a proxy to CONNECT are nobody's but libcurl's.
  handle.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  handle.set_function(CURLOPT_WRITEFUNCTION, &on_body);
  handle.set_pointer(CURLOPT_WRITEDATA, this);
  handle.set_function(CURLOPT_HEADERFUNCTION, &on_header);
  handle.set_pointer(CURLOPT_HEADERDATA, this);
  if (!request.stop.stop_possible()) return;
  handle.set(CURLOPT_NOPROGRESS, 0L);
  handle.set_function(CURLOPT_XFERINFOFUNCTION, &on_progress);
  handle.set_pointer(CURLOPT_XFERINFODATA, this);
}

// Nothing may be thrown through libcurl, whose handle would leak. 0 ends the transfer.
template <class Work>
std::size_t Incoming::kept_from_curl(void* self, const Work& work) noexcept {
  Incoming& incoming = *static_cast<Incoming*>(self);
  try {
    return work(incoming);
  } catch (...) {
    incoming.thrown_ = std::current_exception();
    return 0;
  }
}

std::size_t Incoming::on_header(char* data, std::size_t, std::size_t size, void* self) noexcept {
  return kept_from_curl(self, [&](Incoming& incoming) {
    return incoming.take_header({data, size}) ? size : 0;
  });
}

std::size_t Incoming::on_body(char* data, std::size_t, std::size_t size, void* self) noexcept {
  return kept_from_curl(self, [&](Incoming& incoming) {
    return incoming.take_body({data, size}) ? size : 0;
  });
}

// Called about once a second also while nothing arrives.
int Incoming::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
  Incoming& incoming = *static_cast<Incoming*>(self);
  if (!incoming.request_.stop.stop_requested()) return 0;
  incoming.fault_ = Fault::kUnwanted;
  return 1;
}

bool Incoming::stop(Fault fault) {
  fault_ = fault;
  return false;
}

// Each answer begins with its own status line; what comes behind the body are trailers, which no
// one asked for and which must not pass for headers.
bool Incoming::take_header(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > kMostHeaderBytes) return stop(Fault::kHeadTooLarge);
  if (line.starts_with("HTTP/") && !body_began_) {
    response_.headers.clear();
    head_is_over_ = false;
    return true;
  }
  if (head_is_over_) return true;
  if (text::trimmed(line).empty()) {
    end_head();
    return fault_ == Fault::kNone;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return true;
  response_.headers.emplace_back(text::lowered(text::trimmed(line.substr(0, colon))),
                                 text::trimmed(line.substr(colon + 1)));
  return true;
}

void Incoming::end_head() {
  head_is_over_ = true;
  const std::string_view coding = response_.header("content-encoding");
  // The bytes of a file are wanted as they are.
  is_coded_ = !request_.on_body && !coding.empty() && !text::same_but_for_case(coding, "identity");
  if (is_coded_ && !CodedBody::understands(coding)) fault_ = Fault::kUnknownCoding;
}

bool Incoming::is_for_sink() {
  if (!request_.on_body) return false;
  response_.status = static_cast<int>(handle_.info(CURLINFO_RESPONSE_CODE));
  return response_.status == 200 || response_.status == 206;
}

bool Incoming::take_body(std::string_view bytes) {
  body_began_ = true;
  if (is_for_sink()) return request_.on_body(response_, bytes) || stop(Fault::kUnwanted);
  if (!is_coded_) return take_plain(bytes);
  switch (coded_.take(bytes, [this](std::string_view plain) { return take_plain(plain); })) {
    case CodedBody::Taken::kAll:
      return true;
    case CodedBody::Taken::kUnwanted:
      return false;
    case CodedBody::Taken::kDamaged:
      return stop(Fault::kDamaged);
  }
  return false;
}

bool Incoming::take_plain(std::string_view bytes) {
  const std::size_t room = most_body_bytes_ - response_.body.size();
  response_.body.append(bytes.substr(0, room));
  return bytes.size() <= room || stop(Fault::kBodyTooLarge);
}

void Incoming::rethrow() const {
  if (thrown_) std::rethrow_exception(thrown_);
}

HttpResponse Incoming::take() {
  // libcurl takes an end within the head for the end of an answer without a body.
  if (!head_is_over_ || (is_coded_ && !coded_.is_whole())) fault_ = Fault::kCutOff;
  response_.status = static_cast<int>(handle_.info(CURLINFO_RESPONSE_CODE));
  return std::move(response_);
}

}  // namespace weir::http
