// Incoming: an answer as it arrives from libcurl: its last head, without those of a proxy and of
// interim answers (1xx), and its body, plain and limited. Not thread-safe: one transfer.
#pragma once

#include <weir/transport.h>

#include <cstddef>
#include <exception>
#include <string_view>

#include "http/coded_body.h"
#include "http/curl_handle.h"

namespace weir::http {

inline constexpr std::size_t kMostHeaderBytes = 64 * 1024;

class Incoming {
 public:
  Incoming(CurlHandle& handle, const HttpRequest& request, std::size_t most_body_bytes);

  // Why the transfer was ended from here, or what the whole of it lacks.
  enum class Fault {
    kNone,
    kUnwanted,  // the sink or the caller wants no more
    kHeadTooLarge,
    kBodyTooLarge,
    kUnknownCoding,
    kDamaged,  // it is not in the coding that it says
    kCutOff,   // the head or the coding has no end
  };
  Fault fault() const { return fault_; }

  // Whether there is a whole head, of no interim answer.
  bool has_head() const { return head_is_over_ && handle_.info(CURLINFO_RESPONSE_CODE) >= 200; }

  // Whether that is what libcurl says of a line of the head that is longer than its own limit.
  bool may_have_too_long_a_line(CURLcode code) const {
#if LIBCURL_VERSION_NUM >= 0x080600
    const bool is_so = code == CURLE_TOO_LARGE;
#else
    const bool is_so = code == CURLE_OUT_OF_MEMORY;
#endif
    return is_so && handle_.may_have_sent() && !head_is_over_;
  }

  // After the transfer: the answer. A callback that threw throws on here.
  HttpResponse take();
  void rethrow() const;

 private:
  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) noexcept;
  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) noexcept;
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept;
  template <class Work>
  static std::size_t kept_from_curl(void* self, const Work& work) noexcept;

  bool take_header(std::string_view line);
  void end_head();
  bool take_body(std::string_view bytes);
  bool take_plain(std::string_view bytes);
  bool is_for_sink();
  bool stop(Fault fault);

  CurlHandle& handle_;
  const HttpRequest& request_;
  const std::size_t most_body_bytes_;
  HttpResponse response_;
  std::size_t header_bytes_ = 0;
  bool head_is_over_ = false;
  bool body_began_ = false;
  bool is_coded_ = false;
  CodedBody coded_;
  Fault fault_ = Fault::kNone;
  std::exception_ptr thrown_ = {};
};

}  // namespace weir::http
