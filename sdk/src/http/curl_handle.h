// CurlHandle: one libcurl easy handle with a typed setopt, and the guard against libcurl's silent
// second sending. Not thread-safe: one transfer at a time.
#pragma once

#include <curl/curl.h>

#include <array>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

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
  // libcurl keeps pointers to it.
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;

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
  // CURLE_ABORTED_BY_CALLBACK instead. So it does when `may_send` says no, which is asked on a
  // connection that is ready, right before the first byte of the request.
  void allow_one_request(std::function<bool()> may_send = {});

  // Whether the request may have left, or a part of it. What only a proxy has got does not count.
  bool may_have_sent() const { return requests_sent_ > 0; }

  CURLcode perform();

  // What libcurl says of the last failure; of a certificate it says why.
  std::string failure_words(CURLcode code) const;

  // Whether the last failure came of the system's giving this program no further descriptor.
  bool ran_out_of_descriptors() const { return ran_out_of_descriptors_; }

  long info(CURLINFO what) const;

  CURL* get() const { return handle_.get(); }

 private:
  static void check(CURLcode code, CURLoption option);

  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_;
  static int before_request(void* handle, char*, char*, int, int) noexcept;

  int requests_sent_ = 0;
  bool ran_out_of_descriptors_ = false;
  std::function<bool()> may_send_;
  std::array<char, CURL_ERROR_SIZE> words_ = {};
};

}  // namespace weir::http
