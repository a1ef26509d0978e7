#include "http/curl_handle.h"

#include <cerrno>
#include <mutex>
#include <string>
#include <utility>

namespace weir::http {
namespace {

CURL* new_handle() {
  // Once for the process, and never undone: the program may use libcurl as well.
  static std::once_flag initialized;
  std::call_once(initialized, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  CURL* handle = curl_easy_init();
  if (handle == nullptr) throw CurlOptionError("libcurl cannot make a handle");
  return handle;
}

}  // namespace

CurlHandle::CurlHandle() : handle_(new_handle(), &curl_easy_cleanup) {
  set_pointer(CURLOPT_ERRORBUFFER, words_.data());
}

void CurlHandle::allow_one_request(std::function<bool()> may_send) {
  requests_sent_ = 0;
  may_send_ = std::move(may_send);
  set_function(CURLOPT_PREREQFUNCTION, &before_request);
  set_pointer(CURLOPT_PREREQDATA, this);
}

// Nothing may be thrown through libcurl; who cannot tell whether to send does not.
int CurlHandle::before_request(void* handle, char*, char*, int, int) noexcept try {
  CurlHandle& self = *static_cast<CurlHandle*>(handle);
  if (self.requests_sent_ > 0) {
    ++self.requests_sent_;
    return CURL_PREREQFUNC_ABORT;
  }
  if (self.may_send_ && !self.may_send_()) return CURL_PREREQFUNC_ABORT;
  ++self.requests_sent_;
  return CURL_PREREQFUNC_OK;
} catch (...) {
  return CURL_PREREQFUNC_ABORT;
}

std::string CurlHandle::failure_words(CURLcode code) const {
  return words_.front() != '\0' ? words_.data() : curl_easy_strerror(code);
}

CURLcode CurlHandle::perform() {
  errno = 0;
  const CURLcode code = curl_easy_perform(get());
  ran_out_of_descriptors_ = code != CURLE_OK && (errno == EMFILE || errno == ENFILE);
  return code;
}

long CurlHandle::info(CURLINFO what) const {
  long value = 0;
  curl_easy_getinfo(get(), what, &value);
  return value;
}

void CurlHandle::check(CURLcode code, CURLoption option) {
  if (code == CURLE_OK) return;
  throw CurlOptionError("libcurl refuses option " + std::to_string(static_cast<int>(option)) +
                        ": " + curl_easy_strerror(code));
}

}  // namespace weir::http
