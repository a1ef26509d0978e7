// CurlHandle: one libcurl easy handle with a typed setopt, and the guard against libcurl's silent
// second sending. Not thread-safe: one transfer at a time.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <stdexcept>

namespace weir::http {

// Thrown when libcurl refuses an option that this build needs; a programming error, or a libcurl
// built without it.
class CurlOptionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class CurlHandle {
 public:
  CurlHandle();

  // libcurl's own setopt takes anything; these take what the option is documented to take.
  void set(CURLoption option, long value) { check(curl_easy_setopt(get(), option, value), option); }
  void set(CURLoption option, const char* value) {
    check(curl_easy_setopt(get(), option, value), option);
  }
  void set_pointer(CURLoption option, void* value) {
    check(curl_easy_setopt(get(), option, value), option);
  }
  template <class Function>
  void set_function(CURLoption option, Function* function) {
    check(curl_easy_setopt(get(), option, function), option);
  }

  // Lets this transfer send its request once. libcurl 7.88.1 sends it again, without a word, when a
  // reused connection dies before any byte of the answer; then perform() ends with
  // CURLE_ABORTED_BY_CALLBACK instead.
  void allow_one_request();

  CURLcode perform();

  long info(CURLINFO what) const;

  CURL* get() const { return handle_.get(); }

 private:
  static void check(CURLcode code, CURLoption option);

  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_;
  int requests_sent_ = 0;
};

}  // namespace weir::http
