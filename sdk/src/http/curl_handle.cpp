#include "http/curl_handle.h"

#include <mutex>
#include <string>

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

int before_request(void* requests_sent, char*, char*, int, int) {
  int& count = *static_cast<int*>(requests_sent);
  return ++count > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

}  // namespace

CurlHandle::CurlHandle() : handle_(new_handle(), &curl_easy_cleanup) {}

void CurlHandle::allow_one_request() {
  requests_sent_ = 0;
  set_function(CURLOPT_PREREQFUNCTION, &before_request);
  set_pointer(CURLOPT_PREREQDATA, &requests_sent_);
}

CURLcode CurlHandle::perform() { return curl_easy_perform(get()); }

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
